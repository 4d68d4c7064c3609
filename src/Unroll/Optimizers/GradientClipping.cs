using System.Runtime.CompilerServices;
using Unroll.Kernels.Reductions;
using Unroll.Kernels.Simd;
using Unroll.Tensors;

namespace Unroll.Optimizers;

/// <summary>
/// Bounds gradients between the backward pass and the optimiser's step, against exploding (Pascanu et al. 2013). Only
/// trainable parameters that have a gradient take part. Norms are summed in an order fixed by the shapes.
/// </summary>
public static unsafe class GradientClipping
{
    // PyTorch's guard against a norm of zero.
    private const double NormGuard = 1e-6;

    /// <summary>Brings every gradient into [−limit, limit]; NaN stays NaN.</summary>
    /// <param name="parameters">The model's.</param>
    /// <param name="limit">At least 0.</param>
    public static void ByValue(IReadOnlyList<Parameter> parameters, float limit)
    {
        Check(parameters, limit, nameof(limit));
        for (int i = 0; i < parameters.Count; i++)
            if (TakesPart(parameters[i]))
                Map.Run(new Clamp(limit), parameters[i].Gradients, parameters[i].Gradients, parameters[i].StorageLength);
        GC.KeepAlive(parameters);
    }

    /// <summary>Scales the gradient of each parameter whose own norm exceeds <paramref name="maximum"/> by maximum / (norm + 1e-6).</summary>
    /// <param name="parameters">The model's.</param>
    /// <param name="maximum">At least 0.</param>
    public static void ByNorm(IReadOnlyList<Parameter> parameters, float maximum)
    {
        Check(parameters, maximum, nameof(maximum));
        for (int i = 0; i < parameters.Count; i++)
        {
            if (!TakesPart(parameters[i])) continue;
            double norm = Math.Sqrt(SumOfSquares.Of(parameters[i].Gradients, parameters[i].StorageLength));
            if (norm > maximum) parameters[i].ScaleGradient((float)(maximum / (norm + NormGuard)));
        }
        GC.KeepAlive(parameters);
    }

    /// <summary>
    /// Scales all gradients by maximum / (norm + 1e-6) where their common norm exceeds <paramref name="maximum"/>.
    /// </summary>
    /// <param name="parameters">The model's; each listed once.</param>
    /// <param name="maximum">At least 0; infinity measures without clipping.</param>
    /// <returns>The norm before clipping; NaN where a gradient is NaN, and then nothing is scaled.</returns>
    public static float ByGlobalNorm(IReadOnlyList<Parameter> parameters, float maximum)
    {
        Check(parameters, maximum, nameof(maximum));
        double squares = 0;
        for (int i = 0; i < parameters.Count; i++)
            if (TakesPart(parameters[i])) squares += SumOfSquares.Of(parameters[i].Gradients, parameters[i].StorageLength);
        double norm = Math.Sqrt(squares);
        if (norm > maximum)
            for (int i = 0; i < parameters.Count; i++)
                if (TakesPart(parameters[i])) parameters[i].ScaleGradient((float)(maximum / (norm + NormGuard)));
        GC.KeepAlive(parameters);
        return (float)norm;
    }

    private static bool TakesPart(Parameter parameter) => parameter.Trainable && parameter.HasGradients;

    private static void Check(IReadOnlyList<Parameter> parameters, float limit, string name)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (!(limit >= 0)) throw new ArgumentOutOfRangeException(name, limit, "A gradient's bound is at least 0.");
    }

    private readonly struct Clamp(float limit) : IMap1
    {
        private readonly float _limit = limit;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TVector high = TSimd.Broadcast(_limit), low = TSimd.Broadcast(-_limit);
            x = TSimd.Select(TSimd.LessThan(high, x), high, x);
            return TSimd.Select(TSimd.LessThan(x, low), low, x);
        }
    }
}

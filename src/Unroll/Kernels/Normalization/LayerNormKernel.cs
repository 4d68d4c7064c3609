using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Reductions;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Normalization;

/// <summary>
/// Layer normalisation of rows [N, F] (Ba, Kiros and Hinton 2016): x̂ = (x − mean) / √(variance + ε) over the row's
/// features, the variance divided by F; y = γ · x̂ + β. Sums as in <see cref="RowSum"/>: the same bits at every width.
/// </summary>
internal static unsafe class LayerNormKernel
{
    /// <summary>Statistics kept for each row: its mean, then 1 / √(variance + ε).</summary>
    public const int StatisticsPerRow = 2;

    /// <summary>What both directions read and write. Backward: <see cref="Y"/> is dy; null gradients are skipped, and dx is written where <see cref="IsFirst"/>.</summary>
    public struct Arguments
    {
        public float* X, Gamma, Beta, Y, Statistics;
        public float* Dx, Dgamma, Dbeta;
        public bool IsFirst;
        public int Rows, Features;
        public float Epsilon;
    }

    public static void Forward(in Arguments arguments) => Run<ForwardKernel>(in arguments, arguments.Rows, 1);

    public static void Backward(in Arguments arguments)
    {
        if (arguments.Dgamma != null || arguments.Dbeta != null) Run<ParameterKernel>(in arguments, arguments.Features, PanelLayout.GroupSize);
        if (arguments.Dx != null) Run<InputKernel>(in arguments, arguments.Rows, 1);
    }

    private static void Run<TKernel>(in Arguments arguments, int count, int unit) where TKernel : ISimdKernel<Share<Arguments>> =>
        TeamKernel.Run<TKernel, Arguments>(in arguments, count, unit, TeamKernel.OperationsOfElement * arguments.Rows * arguments.Features);

    private readonly struct ForwardKernel : ISimdKernel<Share<Arguments>>
    {
        public static void Run<TSimd, TVector>(in Share<Arguments> share) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            Arguments a = share.Arguments;
            int features = a.Features;
            for (int row = share.First; row < share.End; row++)
            {
                float* x = a.X + (nint)row * features;
                float mean = RowSum.Of<TSimd, TVector, FirstTerm>(default, x, x, features) / features;
                float variance = RowSum.Of<TSimd, TVector, SquaredDifference>(new SquaredDifference(mean), x, x, features) / features;
                float scale = 1f / MathF.Sqrt(variance + a.Epsilon);
                a.Statistics[StatisticsPerRow * row] = mean;
                a.Statistics[StatisticsPerRow * row + 1] = scale;
                Normalize<TSimd, TVector>(x, a.Gamma, a.Beta, a.Y + (nint)row * features, features, mean, scale);
            }
        }
    }

    /// <summary>dγ and dβ: rows in their order, each thread its own columns.</summary>
    private readonly struct ParameterKernel : ISimdKernel<Share<Arguments>>
    {
        public static void Run<TSimd, TVector>(in Share<Arguments> share) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            Arguments a = share.Arguments;
            for (int row = 0; row < a.Rows; row++)
            {
                nint at = (nint)row * a.Features;
                var map = new NormalizeMap(a.Statistics[StatisticsPerRow * row], a.Statistics[StatisticsPerRow * row + 1]);
                if (a.Dgamma != null) AddGamma<TSimd, TVector>(map, a.X + at, a.Y + at, a.Dgamma, share.First, share.End);
                if (a.Dbeta != null) Map.Run(new AddMap(), a.Dbeta + share.First, a.Y + at + share.First, a.Dbeta + share.First, share.End - share.First);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void AddGamma<TSimd, TVector>(NormalizeMap map, float* x, float* dy, float* sums, int i, int end)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            for (; i <= end - TSimd.Lanes; i += TSimd.Lanes)
                TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(dy + i), map.Of<TSimd, TVector>(TSimd.Load(x + i)), TSimd.Load(sums + i)), sums + i);
            for (; i < end; i++) sums[i] = MathF.FusedMultiplyAdd(dy[i], map.Of<SimdScalar, float>(x[i]), sums[i]);
        }
    }

    private readonly struct InputKernel : ISimdKernel<Share<Arguments>>
    {
        public static void Run<TSimd, TVector>(in Share<Arguments> share) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            Arguments a = share.Arguments;
            int features = a.Features;
            float* normalized = Workspace.Floats(Workspace.Slot.LeftRows, 2L * features), gradient = normalized + features;
            for (int row = share.First; row < share.End; row++)
            {
                nint at = (nint)row * features;
                float mean = a.Statistics[StatisticsPerRow * row], scale = a.Statistics[StatisticsPerRow * row + 1];
                Map.Run(new NormalizeMap(mean, scale), a.X + at, normalized, features);
                Map.Run(new MultiplyMap(), a.Y + at, a.Gamma, gradient, features);
                float meanGradient = RowSum.Of<TSimd, TVector, FirstTerm>(default, gradient, gradient, features) / features;
                float projection = RowSum.Of<TSimd, TVector, MultiplyMap>(default, gradient, normalized, features) / features;
                float* dx = a.Dx + at;
                if (a.IsFirst) RowCopy.Clear(dx, features);
                Map.Run(new InputGradient(meanGradient, projection, scale), gradient, normalized, dx, dx, features);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Normalize<TSimd, TVector>(float* x, float* gamma, float* beta, float* y, int features, float mean, float scale)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        var map = new NormalizeMap(mean, scale);
        int i = 0;
        for (; i <= features - TSimd.Lanes; i += TSimd.Lanes)
            TSimd.Store(TSimd.MultiplyAdd(map.Of<TSimd, TVector>(TSimd.Load(x + i)), TSimd.Load(gamma + i), TSimd.Load(beta + i)), y + i);
        for (; i < features; i++) y[i] = MathF.FusedMultiplyAdd(map.Of<SimdScalar, float>(x[i]), gamma[i], beta[i]);
    }

    /// <summary>x, whatever y is.</summary>
    private readonly struct FirstTerm : IMap2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector x, TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged => x;
    }

    private readonly struct SquaredDifference(float mean) : IMap2
    {
        private readonly float _mean = mean;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector x, TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TVector difference = TSimd.Subtract(x, TSimd.Broadcast(_mean));
            return TSimd.Multiply(difference, difference);
        }
    }

    private readonly struct NormalizeMap(float mean, float scale) : IMap1
    {
        private readonly float _mean = mean, _scale = scale;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            TSimd.Multiply(TSimd.Subtract(x, TSimd.Broadcast(_mean)), TSimd.Broadcast(_scale));
    }

    /// <summary>dx + scale · (g − mean(g) − x̂ · mean(g x̂)), where g = dy · γ.</summary>
    private readonly struct InputGradient(float meanGradient, float projection, float scale) : IMap3
    {
        private readonly float _meanGradient = meanGradient, _projection = projection, _scale = scale;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector g, TVector normalized, TVector dx)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TVector centred = TSimd.Subtract(g, TSimd.Broadcast(_meanGradient));
            TVector rest = TSimd.Subtract(centred, TSimd.Multiply(normalized, TSimd.Broadcast(_projection)));
            return TSimd.MultiplyAdd(rest, TSimd.Broadcast(_scale), dx);
        }
    }
}

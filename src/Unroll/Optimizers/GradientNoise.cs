using Unroll.Basics;
using Unroll.Kernels;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Scalars;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;
using Unroll.Tensors;

namespace Unroll.Optimizers;

/// <summary>
/// Normal noise on every gradient element, of variance σₜ² = η / (1 + t)^γ at step t (Neelakantan et al. 2015, arXiv
/// 1511.06807, equation 1). Added after clipping, so that it keeps the size that the schedule says.
/// </summary>
public sealed unsafe record GradientNoise
{
    private const double OperationsOfDraw = 64;

    /// <summary>Noise of a schedule.</summary>
    /// <param name="scale">η; finite, above 0. The paper tries 0.01, 0.3 and 1. Default 0.3.</param>
    /// <param name="decay">γ; finite, at least 0. Default 0.55, the paper's.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number out of range.</exception>
    public GradientNoise(double scale = 0.3, double decay = 0.55)
    {
        if (!(double.IsFinite(scale) && scale > 0)) throw new ArgumentOutOfRangeException(nameof(scale), scale, "Gradient noise: expected a scale that is finite and above 0.");
        if (!(double.IsFinite(decay) && decay >= 0)) throw new ArgumentOutOfRangeException(nameof(decay), decay, "Gradient noise: expected a decay that is finite and at least 0.");
        (Scale, Decay) = (scale, decay);
    }

    /// <summary>η, the variance at step 0.</summary>
    public double Scale { get; }

    /// <summary>γ, how fast the variance falls.</summary>
    public double Decay { get; }

    /// <summary>σₜ, the deviation at a step.</summary>
    /// <param name="step">t, 0 for the first.</param>
    public double DeviationAt(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return Math.Sqrt(Scale / ScalarMath.Power(1.0 + step, Decay));
    }

    /// <summary>Adds the noise of a step to the gradients of trainable parameters that have one.</summary>
    /// <param name="parameters">The model's; each listed once, by names of their own.</param>
    /// <param name="seed">The seed of the draws.</param>
    /// <param name="step">t, 0 for the first: with seed and name all that a draw depends on.</param>
    public void Add(IReadOnlyList<Parameter> parameters, ulong seed, long step)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        float deviation = (float)DeviationAt(step);
        for (int i = 0; i < parameters.Count; i++)
        {
            Parameter parameter = parameters[i];
            if (!parameter.Trainable || !parameter.HasGradients) continue;
            var work = new Blocks
            {
                Stream = new RandomStream(seed, parameter.Name, step).Fork("gradient_noise"),
                Deviation = deviation,
                Gradients = parameter.Gradients,
                Length = parameter.StorageLength,
            };
            ThreadTeam.Run(work, TeamParts.For(OperationsOfDraw * parameter.StorageLength));
            parameter.Panels?.ClearPadding(parameter.GradientSpan);
        }
        GC.KeepAlive(parameters);
    }

    /// <summary>An element's draw is that of its place in memory, which is the same on every machine.</summary>
    private struct Blocks : ITeamWork
    {
        private const int Block = 1024;

        public RandomStream Stream;
        public float Deviation;
        public float* Gradients;
        public int Length;

        public readonly void Part(int part, int parts)
        {
            float* noise = stackalloc float[Block];
            (int first, int end) = TeamParts.Range(part, parts, Length, Block);
            for (int start = first; start < end; start += Block)
            {
                int count = Math.Min(Block, end - start);
                RandomFill.Normal(in Stream, start, 0, Deviation, new Span<float>(noise, count));
                Map.Run(new AddMap(), Gradients + start, noise, Gradients + start, count);
            }
        }
    }
}

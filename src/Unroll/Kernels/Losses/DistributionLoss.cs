using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Losses;

/// <summary>
/// For each row of logits x and its v (<see cref="ClassDistribution"/>), with lse = log Σ exp x: the cross-entropy
/// Σ v_c (lse − x_c), or the divergence Σ v_c (log v_c + lse − x_c); and the mass Σ v_c. A class with v_c = 0 counts
/// nowhere, whatever its logit. The gradient is mass · softmax(x) − v.
/// </summary>
internal static unsafe class DistributionLoss
{
    /// <summary>Computes the rows whose weight is not zero.</summary>
    /// <param name="logits">[rows, classes], readable fifteen floats past its end; so are the distribution's arrays.</param>
    /// <param name="distribution">v of row 0; its targets hold the rows that follow.</param>
    /// <param name="divergence">Whether log v is added.</param>
    /// <param name="weights">[rows]; a row of weight 0 is not touched.</param>
    /// <param name="largest">[rows], of <see cref="SoftmaxRows"/>.</param>
    /// <param name="logSums">[rows]: the logarithms of the sums of <see cref="SoftmaxRows"/>.</param>
    /// <param name="values">[rows]: the losses.</param>
    /// <param name="masses">[rows]: Σ v.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="classes">How many classes.</param>
    public static void Forward(float* logits, ClassDistribution distribution, bool divergence, float* weights, float* largest, float* logSums, float* values, float* masses, int rows, int classes) =>
        TeamKernel.Run<ForwardKernel, Arguments>(
            new Arguments(logits, distribution, divergence, weights, largest, logSums, values, masses, 0f, classes), rows, 1, 2.0 * rows * classes * TeamKernel.OperationsOfElement);

    /// <summary>gradient[r, c] −= scale · weights[r] · v_c, for the rows whose weight is not zero.</summary>
    public static void Subtract(ClassDistribution distribution, float* weights, float scale, float* gradient, int rows, int classes) =>
        TeamKernel.Run<SubtractKernel, Arguments>(
            new Arguments(null, distribution, false, weights, null, null, gradient, null, scale, classes), rows, 1, (double)rows * classes * TeamKernel.OperationsOfElement);

    private readonly struct Arguments(float* logits, ClassDistribution distribution, bool divergence, float* weights, float* largest, float* logSums, float* values, float* masses, float scale, int classes)
    {
        public readonly float* Logits = logits, Weights = weights, Largest = largest, LogSums = logSums, Values = values, Masses = masses;
        public readonly ClassDistribution Distribution = distribution;
        public readonly bool Divergence = divergence;
        public readonly float Scale = scale;
        public readonly int Classes = classes;
    }

    private readonly struct MassTerm(ClassDistribution distribution) : IRowTerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector At<TSimd, TVector>(int index) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            distribution.Weighted<TSimd, TVector>(index, distribution.Smoothed<TSimd, TVector>(index));
    }

    private readonly struct ValueTerm(float* row, ClassDistribution distribution, bool divergence, float largest, float logSum) : IRowTerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector At<TSimd, TVector>(int index) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TVector smoothed = distribution.Smoothed<TSimd, TVector>(index);
            TVector surprise = TSimd.Add(TSimd.Subtract(TSimd.Broadcast(largest), TSimd.Load(row + index)), TSimd.Broadcast(logSum));
            if (divergence) surprise = TSimd.Add(surprise, LogFunction.Of<TSimd, TVector>(smoothed));
            TVector term = TSimd.Multiply(distribution.Weighted<TSimd, TVector>(index, smoothed), surprise);
            return TSimd.Select(TSimd.Equal(smoothed, TSimd.Zero), TSimd.Zero, term);
        }
    }

    private readonly struct ForwardKernel : ISimdKernel<Share<Arguments>>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Share<Arguments> share) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            Arguments arguments = share.Arguments;
            float* lanes = stackalloc float[2 * LaneSum.Lanes], indices = lanes + LaneSum.Lanes;
            LaneSum.SetIndices(indices);
            int classes = arguments.Classes;
            for (int r = share.First; r < share.End; r++)
            {
                if (arguments.Weights[r] == 0f) continue;
                ClassDistribution distribution = arguments.Distribution.From((long)r * classes);
                var value = new ValueTerm(arguments.Logits + (long)r * classes, distribution, arguments.Divergence, arguments.Largest[r], arguments.LogSums[r]);
                arguments.Values[r] = LaneSum.Of<ValueTerm, TSimd, TVector>(value, classes, lanes, indices);
                arguments.Masses[r] = LaneSum.Of<MassTerm, TSimd, TVector>(new MassTerm(distribution), classes, lanes, indices);
            }
        }
    }

    private readonly struct SubtractKernel : ISimdKernel<Share<Arguments>>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Share<Arguments> share) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            Arguments arguments = share.Arguments;
            int classes = arguments.Classes;
            for (int r = share.First; r < share.End; r++)
            {
                if (arguments.Weights[r] == 0f) continue;
                ClassDistribution distribution = arguments.Distribution.From((long)r * classes);
                float factor = -arguments.Weights[r] * arguments.Scale;
                float* gradient = arguments.Values + (long)r * classes;
                int c = 0;
                for (; c <= classes - TSimd.Lanes; c += TSimd.Lanes)
                {
                    TVector v = distribution.Weighted<TSimd, TVector>(c, distribution.Smoothed<TSimd, TVector>(c));
                    TSimd.Store(TSimd.MultiplyAdd(v, TSimd.Broadcast(factor), TSimd.Load(gradient + c)), gradient + c);
                }
                for (; c < classes; c++)
                {
                    float v = distribution.Weighted<SimdScalar, float>(c, distribution.Smoothed<SimdScalar, float>(c));
                    gradient[c] = SimdScalar.MultiplyAdd(v, factor, gradient[c]);
                }
            }
        }
    }
}

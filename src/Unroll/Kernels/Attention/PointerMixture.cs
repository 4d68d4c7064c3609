using Unroll.Kernels.Elementary;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Reductions;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Attention;

/// <summary>One row of <see cref="Ops.PointerMixtureOp"/>: the words that are written and those that are copied, as one distribution.</summary>
internal static unsafe class PointerMixture
{
    /// <summary>What the logarithm of a probability of zero is taken of.</summary>
    public const float Least = 1e-30f;

    /// <summary>A row's numbers.</summary>
    internal struct Row
    {
        public float* Softmax, Mixture, Output, Weights, Sources;
        public float* OutputGradient, LogitGradient, GateGradient, WeightGradient, Scratch;
        public int Words, Extended, Places;
        public float Gate;
    }

    /// <summary>Sets the mixture and its logarithm.</summary>
    public static void Forward(in Row row) => SimdWidth.Run<ForwardKernel, Row>(in row);

    /// <summary>Adds the gradients, of those that are wanted.</summary>
    public static void Backward(in Row row) => SimdWidth.Run<BackwardKernel, Row>(in row);

    private readonly struct ForwardKernel : ISimdKernel<Row>
    {
        public static void Run<TSimd, TVector>(in Row row) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            Map.Run(new ScaleMap(row.Gate, -0f), row.Softmax, row.Mixture, row.Words);
            new Span<float>(row.Mixture + row.Words, row.Extended - row.Words).Clear();
            for (int j = 0; j < row.Places; j++)
            {
                float* word = row.Mixture + (int)row.Sources[j];
                *word = MathF.FusedMultiplyAdd(1f - row.Gate, row.Weights[j], *word);
            }
            Map.Run(new LogMap(), row.Mixture, row.Output, row.Extended);
        }
    }

    private readonly struct BackwardKernel : ISimdKernel<Row>
    {
        public static void Run<TSimd, TVector>(in Row row) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            float* slopes = row.Scratch; // of the mixture
            Map.Run(new SlopeMap(), row.OutputGradient, row.Mixture, slopes, row.Extended);
            float written = RowSum.Of<TSimd, TVector, MultiplyMap>(default, slopes, row.Softmax, row.Words), copied = 0;
            for (int j = 0; j < row.Places; j++) copied = MathF.FusedMultiplyAdd(row.Weights[j], slopes[(int)row.Sources[j]], copied);
            if (row.GateGradient != null) *row.GateGradient += written - copied;
            if (row.WeightGradient != null)
                for (int j = 0; j < row.Places; j++) row.WeightGradient[j] = MathF.FusedMultiplyAdd(1f - row.Gate, slopes[(int)row.Sources[j]], row.WeightGradient[j]);
            if (row.LogitGradient != null) Map.Run(new LogitMap(row.Gate, written), slopes, row.Softmax, row.LogitGradient, row.LogitGradient, row.Words);
        }
    }

    /// <summary>log max(x, <see cref="Least"/>).</summary>
    private readonly struct LogMap : IMap1
    {
        public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            LogFunction.Of<TSimd, TVector>(TSimd.Maximum(x, TSimd.Broadcast(Least)));
    }

    /// <summary>The logarithm's gradient over the probability; nothing where that was raised to <see cref="Least"/>.</summary>
    private readonly struct SlopeMap : IMap2
    {
        public TVector Of<TSimd, TVector>(TVector gradient, TVector probability) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TVector least = TSimd.Broadcast(Least);
            return TSimd.Select(TSimd.LessThan(probability, least), TSimd.Zero, TSimd.Divide(gradient, TSimd.Maximum(probability, least)));
        }
    }

    /// <summary>gradient + gate · softmax · (slope − Σ slope · softmax).</summary>
    private readonly struct LogitMap(float gate, float mean) : IMap3
    {
        private readonly float _gate = gate, _mean = mean;

        public TVector Of<TSimd, TVector>(TVector slope, TVector softmax, TVector gradient) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            TSimd.MultiplyAdd(TSimd.Multiply(TSimd.Broadcast(_gate), softmax), TSimd.Subtract(slope, TSimd.Broadcast(_mean)), gradient);
    }
}

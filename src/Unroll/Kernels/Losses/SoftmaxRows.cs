using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Losses;

/// <summary>
/// What a cross-entropy needs of each row of logits: m, the row's largest, and Σ exp(x_c − m). The exponentials are not
/// kept for the backward pass but computed there once more: to write and read a second array of the logits' size takes
/// longer. Nor are the probabilities: the division by the sum is in the row's factor.
/// </summary>
internal static unsafe class SoftmaxRows
{
    /// <summary>What an exponential is worth in operations of a product.</summary>
    private const double OperationsOfExponential = 32;

    /// <summary>Runs over the rows whose weight is not zero.</summary>
    /// <param name="logits">[rows, classes], readable fifteen floats past its end.</param>
    /// <param name="weights">[rows]; a row of weight 0 is not touched.</param>
    /// <param name="largest">[rows]: m.</param>
    /// <param name="sums">[rows]: Σ exp(x_c − m).</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="classes">How many classes.</param>
    public static void Run(float* logits, float* weights, float* largest, float* sums, int rows, int classes) =>
        TeamKernel.Run<SumKernel, Arguments>(
            new Arguments(logits, weights, largest, sums, null, 0, false, classes), rows, 1, OperationsOfExponential * rows * classes);

    /// <summary>gradient[r, c] = scale · factors[r] · exp(x_rc − m_r), or adds that.</summary>
    /// <param name="logits">As before.</param>
    /// <param name="largest">[rows]: m.</param>
    /// <param name="factors">[rows]; a row of factor 0 gets zeros, whatever its logits.</param>
    /// <param name="scale">Of all rows.</param>
    /// <param name="gradient">[rows, classes].</param>
    /// <param name="adds">Whether to add to what the gradient holds.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="classes">How many classes.</param>
    public static void Gradient(float* logits, float* largest, float* factors, float scale, float* gradient, bool adds, int rows, int classes) =>
        TeamKernel.Run<GradientKernel, Arguments>(
            new Arguments(logits, factors, largest, null, gradient, scale, adds, classes), rows, 1, OperationsOfExponential * rows * classes);

    private readonly struct Arguments(float* logits, float* weights, float* largest, float* sums, float* gradient, float scale, bool adds, int classes)
    {
        public readonly float* Logits = logits, Weights = weights, Largest = largest, Sums = sums, Gradient = gradient;
        public readonly float Scale = scale;
        public readonly bool Adds = adds;
        public readonly int Classes = classes;
    }

    private readonly struct Term(float* row, float largest) : IRowTerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector At<TSimd, TVector>(int index) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            ExpFunction.Of<TSimd, TVector>(TSimd.Subtract(TSimd.Load(row + index), TSimd.Broadcast(largest)));
    }

    private readonly struct SumKernel : ISimdKernel<Share<Arguments>>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Share<Arguments> share) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            Arguments arguments = share.Arguments;
            float* lanes = stackalloc float[2 * LaneSum.Lanes], indices = lanes + LaneSum.Lanes;
            LaneSum.SetIndices(indices);
            for (int r = share.First; r < share.End; r++)
            {
                if (arguments.Weights[r] == 0f) continue;
                float* row = arguments.Logits + (long)r * arguments.Classes;
                float largest = LaneSum.Maximum<TSimd, TVector>(row, arguments.Classes, lanes, indices);
                arguments.Largest[r] = largest;
                arguments.Sums[r] = LaneSum.Of<Term, TSimd, TVector>(new Term(row, largest), arguments.Classes, lanes, indices);
            }
        }
    }

    private readonly struct GradientKernel : ISimdKernel<Share<Arguments>>
    {
        public static void Run<TSimd, TVector>(in Share<Arguments> share) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            Arguments arguments = share.Arguments;
            int classes = arguments.Classes;
            for (int r = share.First; r < share.End; r++)
            {
                float* gradient = arguments.Gradient + (long)r * classes;
                float factor = arguments.Weights[r] * arguments.Scale;
                var term = new Term(arguments.Logits + (long)r * classes, arguments.Largest[r]);
                if (arguments.Weights[r] != 0f) Row<TSimd, TVector>(term, factor, gradient, arguments.Adds, classes);
                else if (!arguments.Adds) new Span<float>(gradient, classes).Clear();
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Row<TSimd, TVector>(Term term, float factor, float* gradient, bool adds, int classes)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TVector factors = TSimd.Broadcast(factor);
            int c = 0;
            for (; c <= classes - TSimd.Lanes; c += TSimd.Lanes)
            {
                TVector before = adds ? TSimd.Load(gradient + c) : TSimd.Zero;
                TSimd.Store(TSimd.MultiplyAdd(term.At<TSimd, TVector>(c), factors, before), gradient + c);
            }
            if (c == classes) return;
            // The last vector reads past the row's end, but must not write there.
            float* rest = stackalloc float[LaneSum.Lanes];
            TSimd.Store(term.At<TSimd, TVector>(c), rest);
            for (int lane = 0; c + lane < classes; lane++)
                gradient[c + lane] = SimdScalar.MultiplyAdd(rest[lane], factor, adds ? gradient[c + lane] : 0f);
        }
    }
}

using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Losses;

/// <summary>
/// What a cross-entropy needs of each row of logits: e_c = exp(x_c − m) with m the row's largest, and Σ e_c. The
/// probabilities e_c / Σ e are never written apart; the division is in the row's factor of <see cref="AddScaledRows"/>.
/// </summary>
internal static unsafe class SoftmaxRows
{
    /// <summary>Floats that must follow the last row of the exponentials.</summary>
    public const int Room = LaneSum.Lanes;

    /// <summary>Runs over the rows whose weight is not zero, in order.</summary>
    /// <param name="logits">[rows, classes], readable fifteen floats past its end.</param>
    /// <param name="weights">[rows]; a row of weight 0 is not touched.</param>
    /// <param name="exponentials">[rows, stride] and <see cref="Room"/> more.</param>
    /// <param name="stride">The classes; or 0, to write every row over the last one when nobody needs them.</param>
    /// <param name="largest">[rows]: m.</param>
    /// <param name="sums">[rows]: Σ e.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="classes">How many classes.</param>
    public static void Run(float* logits, float* weights, float* exponentials, int stride, float* largest, float* sums, int rows, int classes) =>
        SimdWidth.Run<Kernel, Arguments>(new Arguments(logits, weights, exponentials, stride, largest, sums, rows, classes));

    private readonly struct Arguments(float* logits, float* weights, float* exponentials, int stride, float* largest, float* sums, int rows, int classes)
    {
        public readonly float* Logits = logits, Weights = weights, Exponentials = exponentials, Largest = largest, Sums = sums;
        public readonly int Stride = stride, Rows = rows, Classes = classes;
    }

    private readonly struct Term(float* row, float* exponentials, float largest) : IRowTerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector At<TSimd, TVector>(int index) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TVector e = ExpFunction.Of<TSimd, TVector>(TSimd.Subtract(TSimd.Load(row + index), TSimd.Broadcast(largest)));
            TSimd.Store(e, exponentials + index);
            return e;
        }
    }

    private readonly struct Kernel : ISimdKernel<Arguments>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Arguments arguments) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            float* lanes = stackalloc float[2 * LaneSum.Lanes], indices = lanes + LaneSum.Lanes;
            LaneSum.SetIndices(indices);
            int classes = arguments.Classes;
            for (int r = 0; r < arguments.Rows; r++)
            {
                if (arguments.Weights[r] == 0f) continue;
                float* row = arguments.Logits + (long)r * classes;
                float* exponentials = arguments.Exponentials + (long)r * arguments.Stride;
                float largest = LaneSum.Maximum<TSimd, TVector>(row, classes, lanes, indices);
                arguments.Largest[r] = largest;
                arguments.Sums[r] = LaneSum.Of<Term, TSimd, TVector>(new Term(row, exponentials, largest), classes, lanes, indices);
            }
        }
    }
}

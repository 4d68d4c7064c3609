using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Sequences;

/// <summary>
/// The sum over every alignment of one label sequence with one sequence of steps (Graves et al. 2006, equations 6 to
/// 16): states s of the labels with blanks around them, α the log weight of arriving at a state, β of going on to the end.
/// </summary>
/// <remarks>
/// Elements of a step are independent of one another, so vectors run over states and every width gives the same bits.
/// α and β are rebased at each step; the likelihood's logarithm adds up in double.
/// </remarks>
internal static unsafe class CtcLattice
{
    /// <summary>Floats of −∞ on both sides of a row of states, so that neighbours can be read without asking.</summary>
    private const int Margin = 16;

    /// <summary>One alignment.</summary>
    public struct Arguments
    {
        /// <summary>[Steps]: the row of each step among the log probabilities and gradients.</summary>
        public int* Rows;

        public int Steps, Classes, Blank, Labels;

        /// <summary>[Labels].</summary>
        public int* Label;

        /// <summary>[rows, Classes]: log softmax of the logits.</summary>
        public float* LogProbabilities;

        /// <summary>[rows, Classes], or null: set to d(−log likelihood)/d(logits) at these steps.</summary>
        public float* Gradient;

        /// <summary>Room for <see cref="ScratchLength"/> floats.</summary>
        public float* Scratch;

        /// <summary>Where −log likelihood goes; ∞ where no alignment has a probability.</summary>
        public float* Loss;
    }

    /// <summary>Floats of scratch for sequences of up to so many steps and labels.</summary>
    public static long ScratchLength(int steps, int labels) => (steps + 4L) * RowLength(labels);

    public static void Run(in Arguments arguments) => SimdWidth.Run<Kernel, Arguments>(in arguments);

    private static int Width(int labels) => (2 * labels + 1 + 15) / 16 * 16;

    private static int RowLength(int labels) => Width(labels) + 2 * Margin;

    private readonly struct Kernel : ISimdKernel<Arguments>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Arguments a) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            int states = 2 * a.Labels + 1, width = Width(a.Labels), stride = RowLength(a.Labels);
            new Span<float>(a.Scratch, (int)ScratchLength(a.Steps, a.Labels)).Fill(float.NegativeInfinity);
            float* skips = a.Scratch + Margin, emissions = skips + stride, beta = emissions + stride, onward = beta + stride, alphas = onward + stride;
            // A blank between two labels may be left out where they differ (equation 7).
            for (int s = 3; s < states; s += 2)
                if (a.Label[s / 2] != a.Label[s / 2 - 1]) skips[s] = 0f;

            double log = 0;
            for (int t = 0; t < a.Steps; t++)
            {
                float* alpha = alphas + (long)t * stride;
                Emit(in a, t, states, emissions);
                if (t == 0) (alpha[0], alpha[1]) = (emissions[0], emissions[1]);
                else Advance<TSimd, TVector>(alpha - stride, -1, skips, emissions, alpha, width);
                log += LogSum.Rebase(alpha, states);
            }
            float* last = alphas + (a.Steps - 1L) * stride;
            beta[states - 1] = 0f;
            if (states > 1) beta[states - 2] = 0f;
            log += LogSum.OfSums(last, beta, states);
            *a.Loss = (float)-log;
            if (a.Gradient is null) return;

            for (int t = a.Steps - 1; t >= 0; t--)
            {
                AddOccupancy<TSimd, TVector>(in a, t, alphas + (long)t * stride, beta, emissions, states, width);
                if (t == 0) break;
                Emit(in a, t, states, emissions);
                for (int s = 0; s < width; s += TSimd.Lanes)
                    TSimd.Store(TSimd.Add(TSimd.Load(beta + s), TSimd.Load(emissions + s)), onward + s);
                Advance<TSimd, TVector>(onward, 1, skips + 2, null, beta, width);
                LogSum.Rebase(beta, states);
            }
        }

        /// <summary>The log probability of each state's symbol.</summary>
        private static void Emit(in Arguments a, int t, int states, float* emissions)
        {
            float* row = a.LogProbabilities + (long)a.Rows[t] * a.Classes;
            for (int s = 0; s < states; s++) emissions[s] = row[(s & 1) == 0 ? a.Blank : a.Label[s / 2]];
            for (int s = states; s < states + 16; s++) emissions[s] = float.NegativeInfinity;
        }

        /// <summary>to[s] = log(e^from[s] + e^from[s + d] + e^(from[s + 2d] + skips[s])) + added[s].</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Advance<TSimd, TVector>(float* from, int d, float* skips, float* added, float* to, int width)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            for (int s = 0; s < width; s += TSimd.Lanes)
            {
                TVector skipped = TSimd.Add(TSimd.Load(from + s + 2 * d), TSimd.Load(skips + s));
                TVector sum = LogSum.OfThree<TSimd, TVector>(TSimd.Load(from + s), TSimd.Load(from + s + d), skipped);
                TSimd.Store(added is null ? sum : TSimd.Add(sum, TSimd.Load(added + s)), to + s);
            }
        }

        /// <summary>softmax − the share of the alignments that pass each class at this step (equation 16); the shares sum to one.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void AddOccupancy<TSimd, TVector>(in Arguments a, int t, float* alpha, float* beta, float* shares, int states, int width)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            float largest = float.NegativeInfinity, sum = 0f;
            for (int s = 0; s < states; s++) largest = alpha[s] + beta[s] > largest ? alpha[s] + beta[s] : largest;
            TVector shift = LogSum.Shift<TSimd, TVector>(TSimd.Broadcast(largest));
            for (int s = 0; s < width; s += TSimd.Lanes)
                TSimd.Store(ExpFunction.Of<TSimd, TVector>(TSimd.Subtract(TSimd.Add(TSimd.Load(alpha + s), TSimd.Load(beta + s)), shift)), shares + s);
            for (int s = 0; s < states; s++) sum += shares[s];
            long row = (long)a.Rows[t] * a.Classes;
            float* gradient = a.Gradient + row;
            if (sum == 0f)
            {
                new Span<float>(gradient, a.Classes).Clear(); // no alignment: nothing to learn from
                return;
            }
            for (int c = 0; c < a.Classes; c++) gradient[c] = ExpFunction.Of<SimdScalar, float>(a.LogProbabilities[row + c]);
            float factor = 1f / sum;
            for (int s = 0; s < states; s++) gradient[(s & 1) == 0 ? a.Blank : a.Label[s / 2]] -= shares[s] * factor;
        }
    }
}

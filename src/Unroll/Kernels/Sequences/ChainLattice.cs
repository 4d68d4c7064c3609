using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Sequences;

/// <summary>
/// The sum over every path of tags through one sequence (forward-backward; Lafferty et al. 2001, section 3): a path's
/// score is its emissions, the transitions between neighbours, and the scores of its first and last tag.
/// </summary>
/// <remarks>
/// Vectors run over tags, sums over the tags before in ascending order, so every width gives the same bits. Rows are
/// rebased at each step; the partition's logarithm adds up in double. Tags are padded to whole vectors with −∞.
/// </remarks>
internal static unsafe class ChainLattice
{
    /// <summary>One sequence of at least one step.</summary>
    public struct Arguments
    {
        /// <summary>[Steps]: the row of each step among emissions and marginals.</summary>
        public int* Rows;

        public int Steps, Tags;

        /// <summary>[rows, Tags].</summary>
        public float* Emissions;

        public ChainScores Scores;

        /// <summary>[rows, Tags], or null: set to the probability of each tag at these steps.</summary>
        public float* Marginals;

        /// <summary>[Tags, Tags], or null: set to how often each transition is expected in the sequence.</summary>
        public float* Transitions;

        /// <summary>Room for <see cref="ScratchLength"/> floats.</summary>
        public float* Scratch;

        /// <summary>Where the logarithm of the sum of e^score goes.</summary>
        public double* LogPartition;
    }

    public static long ScratchLength(int steps, int tags) => (2L * steps + 4 + tags) * ChainScores.Width(tags);

    public static void Run(in Arguments arguments) => SimdWidth.Run<Kernel, Arguments>(in arguments);

    private readonly struct Kernel : ISimdKernel<Arguments>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Arguments a) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            int tags = a.Tags, width = ChainScores.Width(tags);
            float* beta = a.Scratch, onward = beta + width, emission = onward + width, shares = emission + width, counts = shares + width;
            float* alphas = counts + (long)tags * width, rebased = alphas + (long)a.Steps * width;
            new Span<float>(emission, width).Fill(float.NegativeInfinity);

            double log = 0;
            for (int t = 0; t < a.Steps; t++)
            {
                float* alpha = alphas + (long)t * width;
                Emit(in a, t, emission);
                if (t == 0) Add<TSimd, TVector>(a.Scores.Start, emission, alpha, width);
                else
                {
                    Fold<TSimd, TVector>(alpha - width, a.Scores.Forward, alpha, tags, width);
                    Add<TSimd, TVector>(alpha, emission, alpha, width);
                }
                rebased[t] = LogSum.Rebase(alpha, tags);
                log += rebased[t];
            }
            float* last = alphas + (a.Steps - 1L) * width;
            *a.LogPartition = log + LogSum.OfSums(last, a.Scores.End, tags);
            if (a.Marginals is null) return;

            new Span<float>(counts, tags * width).Clear();
            new ReadOnlySpan<float>(a.Scores.End, width).CopyTo(new Span<float>(beta, width));
            for (int t = a.Steps - 1; t >= 0; t--)
            {
                float* alpha = alphas + (long)t * width;
                float log0 = LogSum.OfSums(alpha, beta, tags);
                float norm = float.IsNegativeInfinity(log0) ? 0f : log0;
                Probabilities<TSimd, TVector>(alpha, beta, norm, shares, width);
                new ReadOnlySpan<float>(shares, tags).CopyTo(new Span<float>(a.Marginals + (long)a.Rows[t] * tags, tags));
                if (t == 0) break;
                Emit(in a, t, emission);
                Add<TSimd, TVector>(beta, emission, onward, width);
                if (a.Transitions is not null) Count<TSimd, TVector>(alpha - width, a.Scores.Forward, onward, norm + rebased[t], counts, tags, width);
                Fold<TSimd, TVector>(onward, a.Scores.Backward, beta, tags, width);
                LogSum.Rebase(beta, tags);
            }
            for (int i = 0; a.Transitions is not null && i < tags; i++)
                new ReadOnlySpan<float>(counts + i * width, tags).CopyTo(new Span<float>(a.Transitions + i * tags, tags));
        }

        private static void Emit(in Arguments a, int t, float* emission) =>
            new ReadOnlySpan<float>(a.Emissions + (long)a.Rows[t] * a.Tags, a.Tags).CopyTo(new Span<float>(emission, a.Tags));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Add<TSimd, TVector>(float* a, float* b, float* to, int width) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            for (int j = 0; j < width; j += TSimd.Lanes) TSimd.Store(TSimd.Add(TSimd.Load(a + j), TSimd.Load(b + j)), to + j);
        }

        /// <summary>to[j] = log Σ_i e^(from[i] + scores[i, j]).</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Fold<TSimd, TVector>(float* from, float* scores, float* to, int tags, int width) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            for (int j = 0; j < width; j += TSimd.Lanes)
            {
                TVector largest = TSimd.Broadcast(float.NegativeInfinity), sum = TSimd.Zero;
                for (int i = 0; i < tags; i++)
                    largest = TSimd.Maximum(largest, TSimd.Add(TSimd.Broadcast(from[i]), TSimd.Load(scores + i * width + j)));
                TVector shift = LogSum.Shift<TSimd, TVector>(largest);
                for (int i = 0; i < tags; i++)
                {
                    TVector term = TSimd.Add(TSimd.Broadcast(from[i]), TSimd.Load(scores + i * width + j));
                    sum = TSimd.Add(sum, ExpFunction.Of<TSimd, TVector>(TSimd.Subtract(term, shift)));
                }
                TSimd.Store(TSimd.Add(shift, LogFunction.Of<TSimd, TVector>(sum)), to + j);
            }
        }

        /// <summary>to[j] = e^(α[j] + β[j] − norm).</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Probabilities<TSimd, TVector>(float* alpha, float* beta, float norm, float* to, int width) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            for (int j = 0; j < width; j += TSimd.Lanes)
            {
                TVector sum = TSimd.Subtract(TSimd.Add(TSimd.Load(alpha + j), TSimd.Load(beta + j)), TSimd.Broadcast(norm));
                TSimd.Store(ExpFunction.Of<TSimd, TVector>(sum), to + j);
            }
        }

        /// <summary>counts[i, j] += e^(before[i] + scores[i, j] + onward[j] − norm).</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Count<TSimd, TVector>(float* before, float* scores, float* onward, float norm, float* counts, int tags, int width)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            for (int i = 0; i < tags; i++)
                for (int j = 0; j < width; j += TSimd.Lanes)
                {
                    TVector score = TSimd.Add(TSimd.Add(TSimd.Broadcast(before[i] - norm), TSimd.Load(scores + i * width + j)), TSimd.Load(onward + j));
                    float* count = counts + i * width + j;
                    TSimd.Store(TSimd.Add(TSimd.Load(count), ExpFunction.Of<TSimd, TVector>(score)), count);
                }
        }
    }
}

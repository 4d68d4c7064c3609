using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Reductions;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Attention;

/// <summary>
/// M_ij = Σ_u v_u tanh(q_iu + k_ju + Σ_c f_jc w_cu) for the real queries and keys of each sequence; zeros past a sequence's keys. The
/// hidden numbers, Tq · Tk · U of them, are never in memory: the backward pass computes them again.
/// </summary>
internal readonly unsafe struct AdditiveScores : IAttentionPass
{
    /// <summary>What a hidden number is worth in floating-point operations: mostly its tanh.</summary>
    private const double OperationsOfHidden = 40;

    /// <summary>Sets the matrix.</summary>
    public static void Run(in AttentionArguments arguments) => AttentionTeam<AdditiveScores>.Run(in arguments, Operations(in arguments));

    public static void Pair<TSimd, TVector>(in AttentionArguments a, in AttentionPair pair)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int keys = pair.Keys, units = a.Keys.Width;
        float* shifted = Workspace.Floats(Workspace.Slot.Attention, units);
        for (int j = 0; j < keys; j++)
        {
            float* key = Key<TSimd, TVector>(in a, in pair, j, shifted);
            for (int i = 0; i < pair.Queries; i++)
                a.Matrix.Gradient[a.Matrix.At(pair.Place, i, 0) + j] =
                    AdditiveRow.Score<TSimd, TVector>(a.Queries.Values + a.Queries.At(pair.Place, i, 0), key, a.Direction, units);
        }
        for (int i = 0; i < pair.Queries; i++)
            new Span<float>(a.Matrix.Gradient + a.Matrix.At(pair.Place, i, 0) + keys, a.Matrix.Width - keys).Clear();
    }

    /// <summary>Adds up the gradients, ascending keys within ascending queries; those of v and w are left for each pair.</summary>
    internal readonly struct Slope : IAttentionPass
    {
        public static void Run(in AttentionArguments arguments) => AttentionTeam<Slope>.Run(in arguments, 2 * Operations(in arguments));

        public static void Pair<TSimd, TVector>(in AttentionArguments a, in AttentionPair pair)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            int keys = pair.Keys, units = a.Keys.Width, features = a.Features.Width;
            float** memory = stackalloc float*[6];
            Workspace.Pieces(Workspace.Slot.Attention, memory, units, units, units, units, (long)keys * units, (long)keys * features);
            float* shifted = memory[0], own = features > 0 ? memory[1] : null, ofQuery = memory[2], ofDirection = memory[3], ofKeys = memory[4], ofFeatures = memory[5];
            float* sums = a.DirectionGradients + (nint)pair.Place * (1 + features) * units, ofKernel = sums + units;
            new Span<float>(sums, (1 + features) * units).Clear();
            new Span<float>(ofKeys, keys * units).Clear();
            new Span<float>(ofFeatures, keys * features).Clear();
            for (int i = 0; i < pair.Queries; i++)
            {
                float* query = a.Queries.Values + a.Queries.At(pair.Place, i, 0), slopes = a.Matrix.Values + a.Matrix.At(pair.Place, i, 0);
                new Span<float>(ofQuery, units).Clear();
                new Span<float>(ofDirection, units).Clear();
                for (int j = 0; j < keys; j++)
                {
                    float* key = Key<TSimd, TVector>(in a, in pair, j, shifted);
                    AdditiveRow.Slope<TSimd, TVector>(slopes[j], query, key, a.Direction, ofQuery, ofKeys + (nint)j * units, ofDirection, own, units);
                    if (features == 0) continue;
                    float* values = a.Features.Values + a.Features.At(pair.KeyPlace, j, 0);
                    for (int c = 0; c < features; c++)
                    {
                        ofFeatures[j * features + c] += RowSum.Of<TSimd, TVector, MultiplyMap>(default, own, a.FeatureKernel + (nint)c * units, units);
                        AdditiveRow.Add<TSimd, TVector>(values[c], own, ofKernel + (nint)c * units, units);
                    }
                }
                RowCopy.Add(ofDirection, sums, units);
                AttentionBlocks.PutGradient<TSimd, TVector>(in a.Queries, pair.Place, 0, i, 1, ofQuery, units, 1f);
            }
            AttentionBlocks.PutGradient<TSimd, TVector>(in a.Keys, pair.KeyPlace, 0, 0, keys, ofKeys, units, 1f);
            AttentionBlocks.PutGradient<TSimd, TVector>(in a.Features, pair.KeyPlace, 0, 0, keys, ofFeatures, features, 1f);
        }
    }

    private static double Operations(in AttentionArguments arguments) =>
        OperationsOfHidden * arguments.Pairs * arguments.Queries.Rows.Steps * arguments.Keys.Rows.Steps * arguments.Keys.Width;

    /// <summary>A key with what its features add to it.</summary>
    private static float* Key<TSimd, TVector>(in AttentionArguments a, in AttentionPair pair, int j, float* shifted)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* key = a.Keys.Values + a.Keys.At(pair.KeyPlace, j, 0);
        if (a.Features.Width == 0) return key;
        AdditiveRow.Shift<TSimd, TVector>(key, a.Features.Values + a.Features.At(pair.KeyPlace, j, 0), a.Features.Width, a.FeatureKernel, a.Keys.Width, shifted);
        return shifted;
    }
}

using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Attention;

/// <summary>M_ij = scale · q_i · k_j for the real queries and keys of each sequence; zeros past a sequence's keys.</summary>
internal readonly unsafe struct PairScores : IAttentionPass
{
    private const int QueryBlock = 48, KeyBlock = AttentionForward.KeyBlock, ScoreStride = AttentionForward.ScoreStride, GroupSize = PanelLayout.GroupSize;

    /// <summary>Sets the matrix, or adds to it.</summary>
    public static void Run(in AttentionArguments arguments)
    {
        if (arguments.Matrix.Gradient != null) AttentionTeam<PairScores>.Run(in arguments, arguments.OperationsOfProduct);
    }

    public static void Pair<TSimd, TVector>(in AttentionArguments a, in AttentionPair pair)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int keys = pair.Keys, width = PanelLayout.PadToGroup(a.Keys.Width);
        float** memory = stackalloc float*[4];
        Workspace.Pieces(Workspace.Slot.Attention, memory,
            (long)PanelLayout.PadToGroup(keys) * width, (long)keys * width, QueryBlock * width, QueryBlock * ScoreStride);
        float* keysTransposed = memory[0], queryRows = memory[2], scores = memory[3];
        AttentionBlocks.PackRows<TSimd, TVector>(in a.Keys, pair.KeyPlace, pair.Head, keys, memory[1]);
        TransposePanels.Blocks(memory[1], (nint)keys * GroupSize, keys, width / GroupSize, keysTransposed);
        for (int first = 0; first < pair.Queries; first += QueryBlock)
        {
            int rows = Math.Min(QueryBlock, pair.Queries - first);
            for (int row = 0; row < rows; row++)
                AttentionBlocks.PackRow<TSimd, TVector>(
                    a.Queries.Values + a.Queries.At(pair.Place, first + row, pair.Head), a.Queries.Width, a.Scale, queryRows + row * width, GroupSize);
            for (int start = 0; start < keys; start += KeyBlock)
            {
                int count = Math.Min(KeyBlock, keys - start);
                AttentionBlocks.Product<TSimd, TVector>(
                    queryRows, width, 1, rows, a.Keys.Width, keysTransposed + (nint)start * width, width * GroupSize,
                    PanelLayout.PadToGroup(count) / GroupSize, scores, ScoreStride, accumulate: false);
                for (int row = 0; row < rows; row++)
                    AttentionBlocks.PutRow<TSimd, TVector>(
                        scores + row * ScoreStride, count, 1f, a.Matrix.Gradient + a.Matrix.At(pair.Place, first + row, pair.Head) + start, a.Matrix.IsFirst);
            }
            for (int row = 0; row < rows && a.Matrix.IsFirst; row++)
                new Span<float>(a.Matrix.Gradient + a.Matrix.At(pair.Place, first + row, pair.Head) + keys, a.Matrix.Width - keys).Clear();
        }
    }
}

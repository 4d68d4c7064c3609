using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Attention;

/// <summary>k_j = scale · Σ_i M_ij q_i over the real queries of each sequence, one chain over ascending queries; zeros where there are none.</summary>
internal readonly unsafe struct PairKeyRows : IAttentionPass
{
    private const int QueryBlock = 66, GroupSize = PanelLayout.GroupSize;

    /// <summary>Sets the keys' rows, or adds to them.</summary>
    public static void Run(in AttentionArguments arguments)
    {
        if (arguments.Keys.Gradient != null) AttentionTeam<PairKeyRows>.Run(in arguments, arguments.OperationsOfProduct);
    }

    public static void Pair<TSimd, TVector>(in AttentionArguments a, in AttentionPair pair)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int keys = pair.Keys, paddedKeys = PanelLayout.PadToGroup(keys), width = PanelLayout.PadToGroup(a.Keys.Width);
        float** memory = stackalloc float*[3];
        Workspace.Pieces(Workspace.Slot.Attention, memory, (long)keys * width, (long)QueryBlock * paddedKeys, QueryBlock * width);
        float* results = memory[0], matrix = memory[1], queryGroups = memory[2];
        new Span<float>(results, keys * width).Clear();
        for (int first = 0; first < pair.Queries; first += QueryBlock)
        {
            int rows = Math.Min(QueryBlock, pair.Queries - first);
            nint rowGroup = (nint)rows * GroupSize;
            for (int row = 0; row < rows; row++)
            {
                AttentionBlocks.PackRow<TSimd, TVector>(a.Matrix.Values + a.Matrix.At(pair.Place, first + row, pair.Head), keys, 1f, matrix + row * paddedKeys, GroupSize);
                AttentionBlocks.PackRow<TSimd, TVector>(
                    a.Queries.Values + a.Queries.At(pair.Place, first + row, pair.Head), a.Queries.Width, a.Scale, queryGroups + row * GroupSize, rowGroup);
            }
            AttentionBlocks.Product<TSimd, TVector>(
                matrix, 1, paddedKeys, keys, rows, queryGroups, rowGroup, width / GroupSize, results, width, accumulate: true);
        }
        AttentionBlocks.PutGradient<TSimd, TVector>(in a.Keys, pair.KeyPlace, pair.Head, 0, keys, results, width, 1f);
    }
}

using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Attention;

/// <summary>q_i = scale · Σ_j M_ij k_j over the real keys of each sequence, one chain over ascending keys; zeros where there are none.</summary>
internal readonly unsafe struct PairQueryRows : IAttentionPass
{
    private const int QueryBlock = 48, GroupSize = PanelLayout.GroupSize;

    /// <summary>Sets the queries' rows, or adds to them.</summary>
    public static void Run(in AttentionArguments arguments)
    {
        if (arguments.Queries.Gradient != null) AttentionTeam<PairQueryRows>.Run(in arguments, arguments.OperationsOfProduct);
    }

    public static void Pair<TSimd, TVector>(in AttentionArguments a, in AttentionPair pair)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int keys = pair.Keys, paddedKeys = PanelLayout.PadToGroup(keys), width = PanelLayout.PadToGroup(a.Keys.Width);
        float** memory = stackalloc float*[3];
        Workspace.Pieces(Workspace.Slot.Attention, memory, (long)keys * width, (long)QueryBlock * paddedKeys, QueryBlock * width);
        float* keyGroups = memory[0], matrix = memory[1], results = memory[2];
        AttentionBlocks.PackRows<TSimd, TVector>(in a.Keys, pair.KeyPlace, pair.Head, keys, keyGroups);
        for (int first = 0; first < pair.Queries; first += QueryBlock)
        {
            int rows = Math.Min(QueryBlock, pair.Queries - first);
            for (int row = 0; row < rows; row++)
                AttentionBlocks.PackRow<TSimd, TVector>(a.Matrix.Values + a.Matrix.At(pair.Place, first + row, pair.Head), keys, 1f, matrix + row * paddedKeys, GroupSize);
            AttentionBlocks.Product<TSimd, TVector>(
                matrix, paddedKeys, 1, rows, keys, keyGroups, (nint)keys * GroupSize, width / GroupSize, results, width, accumulate: false);
            AttentionBlocks.PutGradient<TSimd, TVector>(in a.Queries, pair.Place, pair.Head, first, rows, results, width, a.Scale);
        }
    }
}

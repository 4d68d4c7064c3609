using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Attention;

/// <summary>The weights themselves, without dropout: softmax(Q Kᵀ · scale), one row of scores at a time. For looking at.</summary>
internal readonly unsafe struct AttentionWeights : IAttentionPass
{
    private const int GroupSize = PanelLayout.GroupSize;

    /// <summary>Sets the weights of real queries and the keys that they see.</summary>
    public static void Run(in AttentionArguments arguments) =>
        AttentionTeam<AttentionWeights>.Run(in arguments, arguments.OperationsOfProduct);

    public static void Pair<TSimd, TVector>(in AttentionArguments a, in AttentionPair pair)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int keys = pair.Keys, paddedKeys = PanelLayout.PadToGroup(keys), width = PanelLayout.PadToGroup(a.Keys.Width);
        float** memory = stackalloc float*[4];
        Workspace.Pieces(Workspace.Slot.Attention, memory, (long)paddedKeys * width, (long)keys * width, width, paddedKeys);
        float* keysTransposed = memory[0], query = memory[2], scores = memory[3];
        AttentionBlocks.PackRows<TSimd, TVector>(in a.Keys, pair.KeyPlace, pair.Head, keys, memory[1]);
        TransposePanels.Blocks(memory[1], (nint)keys * GroupSize, keys, width / GroupSize, keysTransposed);
        for (int step = 0; step < pair.Queries; step++)
        {
            int visible = a.Visible(step, keys);
            if (visible == 0) continue;
            AttentionBlocks.PackRow<TSimd, TVector>(a.Queries.Values + a.Queries.At(pair.Place, step, pair.Head), a.Queries.Width, a.Scale, query, GroupSize);
            AttentionBlocks.Product<TSimd, TVector>(
                query, width, 1, 1, a.Keys.Width, keysTransposed, width * GroupSize, PanelLayout.PadToGroup(visible) / GroupSize, scores, paddedKeys, accumulate: false);
            float largest = AttentionRows.Largest<TSimd, TVector>(scores, visible, float.NegativeInfinity);
            float sum = AttentionRows.Exponentials<TSimd, TVector>(scores, visible, largest);
            nint row = ((nint)pair.Sequence * a.Heads + pair.Head) * a.Queries.Rows.Steps + step;
            AttentionBlocks.PutRow<TSimd, TVector>(scores, visible, 1f / sum, a.Weights + row * a.Keys.Rows.Steps, isFirst: true);
        }
    }
}

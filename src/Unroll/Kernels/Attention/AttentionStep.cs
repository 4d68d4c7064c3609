using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Attention;

/// <summary>
/// <see cref="AttentionForward"/> over keys and values that lie in an <see cref="KeyValueMemory"/> already, behind which the new ones are put first.
/// The sums are the same, so that each query has the bits of the whole sequence.
/// </summary>
internal readonly unsafe struct AttentionStep : IAttentionPass
{
    private const int GroupSize = PanelLayout.GroupSize;

    /// <summary>Adds the keys and values, and sets the output.</summary>
    public static void Run(in AttentionArguments arguments) =>
        AttentionTeam<AttentionStep>.Run(in arguments, 4.0 * arguments.Pairs * arguments.Queries.Rows.Steps * arguments.Memory.Capacity * Math.Max(arguments.Queries.Width, arguments.Output.Width));

    public static void Pair<TSimd, TVector>(in AttentionArguments a, in AttentionPair pair)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int width = PanelLayout.PadToGroup(a.Queries.Width), valueWidth = PanelLayout.PadToGroup(a.Output.Width);
        KeyValueMemory memory = a.Memory;
        int slot = memory.Slots[pair.Sequence];
        nint place = ((nint)slot * a.Heads + pair.Head) * memory.Capacity;
        float* keys = memory.Keys + place * width, values = memory.Values + place * valueWidth;
        nint valueStride = (nint)memory.Capacity * GroupSize;
        int added = a.Keys.Values == null ? 0 : pair.Keys;
        for (int step = 0; step < added; step++)
        {
            int at = (memory.Lengths == null ? a.Offset : 0) + step;
            float* key = a.Keys.Values + a.Keys.At(pair.KeyPlace, step, pair.Head), to = keys + (nint)(at / GroupSize) * width * GroupSize + at % GroupSize;
            for (int column = 0; column < a.Keys.Width; column++) to[column * GroupSize] = key[column];
            AttentionBlocks.PackRow<TSimd, TVector>(a.Values.Values + a.Values.At(pair.KeyPlace, step, pair.Head), a.Values.Width, 1f, values + at * GroupSize, valueStride);
        }
        float** scratch = stackalloc float*[3];
        Workspace.Pieces(
            Workspace.Slot.Attention, scratch,
            AttentionForward.QueryBlock * width, AttentionForward.QueryBlock * AttentionForward.ScoreStride, AttentionForward.QueryBlock * valueWidth);
        int seen = memory.Lengths == null ? a.Offset + added : memory.Lengths[slot];
        AttentionForward.Attend<TSimd, TVector>(in a, in pair, seen, keys, values, valueStride, scratch);
    }
}

using Unroll.Basics;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Attention;

/// <summary>
/// Y = softmax(Q Kᵀ · scale) V, a block of queries and keys at a time with a running maximum and sum (Milakov and Gimelshein 2018,
/// arXiv 1805.02867; Dao et al. 2022, arXiv 2205.14135): memory grows with the length and not with its square.
/// </summary>
/// <remarks>
/// The order of every sum follows from a query's number of keys alone: blocks of 128 keys from the first on, each with one
/// rescaling. How many queries are taken together, threads and padding make no difference.
/// </remarks>
internal readonly unsafe struct AttentionForward : IAttentionPass
{
    /// <summary>Keys of a block; part of the definition of a result's bits.</summary>
    public const int KeyBlock = 128;

    /// <summary>Queries of a block: their rows, and a group of keys, stay in the first-level cache.</summary>
    public const int QueryBlock = 48;

    /// <summary>Floats from row to row of a block of scores: not a power of two, so that a column's elements do not meet in the cache.</summary>
    public const int ScoreStride = KeyBlock + 16;

    private const int GroupSize = PanelLayout.GroupSize;

    /// <summary>Sets the output and the log sums.</summary>
    public static void Run(in AttentionArguments arguments) =>
        AttentionTeam<AttentionForward>.Run(in arguments, 2 * arguments.OperationsOfProduct);

    public static void Pair<TSimd, TVector>(in AttentionArguments a, in AttentionPair pair)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int keys = pair.Keys, width = PanelLayout.PadToGroup(a.Keys.Width), valueWidth = PanelLayout.PadToGroup(a.Values.Width);
        float** memory = stackalloc float*[5];
        Workspace.Pieces(Workspace.Slot.Attention, memory,
            QueryBlock * width, QueryBlock * ScoreStride, QueryBlock * valueWidth,
            (long)PanelLayout.PadToGroup(keys) * width, (long)keys * Math.Max(width, valueWidth));
        float* keysTransposed = memory[3], groups = memory[4];
        AttentionBlocks.PackRows<TSimd, TVector>(in a.Keys, pair.KeyPlace, pair.Head, keys, groups);
        TransposePanels.Blocks(groups, (nint)keys * GroupSize, keys, width / GroupSize, keysTransposed);
        AttentionBlocks.PackRows<TSimd, TVector>(in a.Values, pair.KeyPlace, pair.Head, keys, groups);
        Attend<TSimd, TVector>(in a, in pair, keys, keysTransposed, groups, (nint)keys * GroupSize, memory);
    }

    /// <summary>A pair's queries over keys and values in the form of the products.</summary>
    /// <param name="a">What is attended.</param>
    /// <param name="pair">The head and sequence.</param>
    /// <param name="keys">How many.</param>
    /// <param name="keysTransposed">In groups of 16 keys, column after column within a group.</param>
    /// <param name="values">In groups of 16 columns, key after key within a group.</param>
    /// <param name="valueStride">Floats from group to group.</param>
    /// <param name="scratch">Three pieces for a block of queries: their rows, the scores, the outputs.</param>
    public static void Attend<TSimd, TVector>(
        in AttentionArguments a, in AttentionPair pair, int keys, float* keysTransposed, float* values, nint valueStride, float** scratch)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int width = PanelLayout.PadToGroup(a.Queries.Width), valueWidth = PanelLayout.PadToGroup(a.Output.Width);
        float* queryRows = scratch[0], scores = scratch[1], outputs = scratch[2];
        float* mask = stackalloc float[KeyBlock], largest = stackalloc float[QueryBlock], sums = stackalloc float[QueryBlock];
        RandomStream draws = a.DropRate > 0 ? AttentionDraws.Of(in a.Stream, pair.Sequence, pair.Head) : default;
        for (int first = 0; first < pair.Queries; first += QueryBlock)
        {
            int rows = Math.Min(QueryBlock, pair.Queries - first), end = a.Visible(first + rows - 1, keys);
            for (int row = 0; row < rows; row++)
            {
                float* query = a.Queries.Values + a.Queries.At(pair.Place, first + row, pair.Head);
                AttentionBlocks.PackRow<TSimd, TVector>(query, a.Queries.Width, a.Scale, queryRows + row * width, GroupSize);
                (largest[row], sums[row]) = (float.NegativeInfinity, 0f);
            }
            if (end == 0) new Span<float>(outputs, rows * valueWidth).Clear();
            for (int start = 0; start < end; start += KeyBlock)
            {
                int count = Math.Min(KeyBlock, end - start);
                AttentionBlocks.Product<TSimd, TVector>(
                    queryRows, width, 1, rows, a.Queries.Width, keysTransposed + (nint)start * width, width * GroupSize,
                    PanelLayout.PadToGroup(count) / GroupSize, scores, ScoreStride, accumulate: false);
                for (int row = 0; row < rows; row++)
                {
                    float* line = scores + row * ScoreStride;
                    int visible = Math.Clamp(a.Visible(first + row, keys) - start, 0, count);
                    if (visible > 0)
                    {
                        float before = largest[row], now = AttentionRows.Largest<TSimd, TVector>(line, visible, before);
                        float sum = AttentionRows.Exponentials<TSimd, TVector>(line, visible, now);
                        if (start > 0)
                        {
                            float factor = ExpFunction.Of<SimdScalar, float>(before - now);
                            sum = MathF.FusedMultiplyAdd(sums[row], factor, sum);
                            float* output = outputs + row * valueWidth;
                            AttentionBlocks.PutRow<TSimd, TVector>(output, valueWidth, factor, output, isFirst: true);
                        }
                        (largest[row], sums[row]) = (now, sum);
                        if (a.DropRate > 0)
                        {
                            AttentionDraws.Keep(in draws, a.FirstQuery + first + row, start, a.DropRate, new Span<float>(mask, visible));
                            Map.Run(new MultiplyMap(), mask, line, line, visible);
                        }
                    }
                    new Span<float>(line + visible, count - visible).Clear();
                }
                AttentionBlocks.Product<TSimd, TVector>(
                    scores, ScoreStride, 1, rows, count, values + start * GroupSize, valueStride,
                    valueWidth / GroupSize, outputs, valueWidth, accumulate: start > 0);
            }
            for (int row = 0; row < rows; row++) Finish<TSimd, TVector>(in a, in pair, first + row, outputs + row * valueWidth, largest[row], sums[row]);
        }
    }

    /// <summary>A query that sees no key has an output of zeros.</summary>
    private static void Finish<TSimd, TVector>(in AttentionArguments a, in AttentionPair pair, int query, float* output, float largest, float sum)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        AttentionBlocks.PutRow<TSimd, TVector>(
            output, a.Output.Width, sum == 0f ? 0f : 1f / sum, a.Output.Values + a.Output.At(pair.Place, query, pair.Head), isFirst: true);
        a.LogSums[(nint)a.Queries.Rows.Row(pair.Place, query) * a.Heads + pair.Head] =
            sum == 0f ? 0f : largest + LogFunction.Of<SimdScalar, float>(sum);
    }
}

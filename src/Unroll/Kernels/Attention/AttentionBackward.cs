using Unroll.Basics;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Reductions;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Attention;

/// <summary>
/// The gradients of <see cref="AttentionForward"/> from the log sums that it kept, the weights computed again block by block
/// (Dao et al. 2022, arXiv 2205.14135, algorithm 4): with P the weights, M the dropout mask and D_i = dY_i · Y_i,
/// dV = (M ∘ P)ᵀ dY, dS = P ∘ (M ∘ dY Vᵀ − D), dQ = scale · dS K, dK = scale · dSᵀ Q.
/// </summary>
/// <remarks>Sums run over ascending keys or queries, one chain of fused multiply-adds an element.</remarks>
internal readonly unsafe struct AttentionBackward : IAttentionPass
{
    private const int KeyBlock = AttentionForward.KeyBlock, ScoreStride = AttentionForward.ScoreStride, GroupSize = PanelLayout.GroupSize;

    /// <summary>Queries of a block: the length of the sums that go into dK and dV at a time.</summary>
    private const int QueryBlock = 66;

    /// <summary>Adds the gradients.</summary>
    public static void Run(in AttentionArguments arguments) =>
        AttentionTeam<AttentionBackward>.Run(in arguments, 5 * arguments.OperationsOfProduct);

    public static void Pair<TSimd, TVector>(in AttentionArguments a, in AttentionPair pair)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int keys = pair.Keys, paddedKeys = PanelLayout.PadToGroup(keys);
        int width = PanelLayout.PadToGroup(a.Keys.Width), valueWidth = PanelLayout.PadToGroup(a.Values.Width);
        float** memory = stackalloc float*[13];
        Workspace.Pieces(Workspace.Slot.Attention, memory,
            (long)paddedKeys * width, (long)paddedKeys * valueWidth, (long)keys * Math.Max(width, valueWidth), (long)keys * width, (long)keys * valueWidth,
            QueryBlock * width, QueryBlock * width, QueryBlock * width, QueryBlock * valueWidth, QueryBlock * valueWidth,
            QueryBlock * ScoreStride, QueryBlock * ScoreStride, KeyBlock);
        float* keysTransposed = memory[0], valuesTransposed = memory[1], keyGroups = memory[2], keyGradients = memory[3], valueGradients = memory[4];
        float* queryRows = memory[5], queryGroups = memory[6], queryGradients = memory[7], outputRows = memory[8], outputGroups = memory[9];
        float* scores = memory[10], scoreGradients = memory[11], mask = a.DropRate > 0 ? memory[12] : null;
        AttentionBlocks.PackRows<TSimd, TVector>(in a.Values, pair.KeyPlace, pair.Head, keys, keyGroups);
        TransposePanels.Blocks(keyGroups, (nint)keys * GroupSize, keys, valueWidth / GroupSize, valuesTransposed);
        AttentionBlocks.PackRows<TSimd, TVector>(in a.Keys, pair.KeyPlace, pair.Head, keys, keyGroups);
        TransposePanels.Blocks(keyGroups, (nint)keys * GroupSize, keys, width / GroupSize, keysTransposed);
        new Span<float>(keyGradients, keys * width).Clear();
        new Span<float>(valueGradients, keys * valueWidth).Clear();

        RandomStream draws = mask != null ? AttentionDraws.Of(in a.Stream, pair.Sequence, pair.Head) : default;
        for (int first = 0; first < pair.Queries; first += QueryBlock)
        {
            int rows = Math.Min(QueryBlock, pair.Queries - first), end = a.Visible(first + rows - 1, keys);
            nint rowGroup = (nint)rows * GroupSize;
            for (int row = 0; row < rows; row++)
            {
                float* query = a.Queries.Values + a.Queries.At(pair.Place, first + row, pair.Head);
                float* output = a.Output.Gradient + a.Output.At(pair.Place, first + row, pair.Head);
                AttentionBlocks.PackRow<TSimd, TVector>(query, a.Queries.Width, a.Scale, queryRows + row * width, GroupSize);
                AttentionBlocks.PackRow<TSimd, TVector>(query, a.Queries.Width, a.Scale, queryGroups + row * GroupSize, rowGroup);
                AttentionBlocks.PackRow<TSimd, TVector>(output, a.Values.Width, 1f, outputRows + row * valueWidth, GroupSize);
                AttentionBlocks.PackRow<TSimd, TVector>(output, a.Values.Width, 1f, outputGroups + row * GroupSize, rowGroup);
            }
            if (end == 0) new Span<float>(queryGradients, rows * width).Clear();
            for (int start = 0; start < end; start += KeyBlock)
            {
                int count = Math.Min(KeyBlock, end - start), groups = PanelLayout.PadToGroup(count) / GroupSize;
                AttentionBlocks.Product<TSimd, TVector>(
                    queryRows, width, 1, rows, a.Keys.Width, keysTransposed + (nint)start * width, width * GroupSize, groups, scores, ScoreStride, accumulate: false);
                AttentionBlocks.Product<TSimd, TVector>(
                    outputRows, valueWidth, 1, rows, a.Values.Width, valuesTransposed + (nint)start * valueWidth, valueWidth * GroupSize, groups, scoreGradients, ScoreStride, accumulate: false);
                for (int row = 0; row < rows; row++)
                {
                    float* line = scores + row * ScoreStride, gradients = scoreGradients + row * ScoreStride;
                    int visible = Math.Clamp(a.Visible(first + row, keys) - start, 0, count);
                    if (mask != null) AttentionDraws.Keep(in draws, a.FirstQuery + first + row, start, a.DropRate, new Span<float>(mask, PanelLayout.PadToGroup(visible)));
                    nint at = a.Output.At(pair.Place, first + row, pair.Head);
                    float projection = RowSum.Of<TSimd, TVector, MultiplyMap>(default, a.Output.Values + at, a.Output.Gradient + at, a.Values.Width);
                    float logSum = a.LogSums[(nint)a.Queries.Rows.Row(pair.Place, first + row) * a.Heads + pair.Head];
                    AttentionRows.Gradients<TSimd, TVector>(line, gradients, mask, visible, logSum, projection);
                    new Span<float>(line + visible, count - visible).Clear();
                    new Span<float>(gradients + visible, count - visible).Clear();
                }
                if (a.Queries.Gradient != null)
                    AttentionBlocks.Product<TSimd, TVector>(
                        scoreGradients, ScoreStride, 1, rows, count, keyGroups + start * GroupSize, (nint)keys * GroupSize, width / GroupSize, queryGradients, width, accumulate: start > 0);
                if (a.Keys.Gradient != null)
                    AttentionBlocks.Product<TSimd, TVector>(
                        scoreGradients, 1, ScoreStride, count, rows, queryGroups, rowGroup, width / GroupSize, keyGradients + (nint)start * width, width, accumulate: true);
                if (a.Values.Gradient != null)
                    AttentionBlocks.Product<TSimd, TVector>(
                        scores, 1, ScoreStride, count, rows, outputGroups, rowGroup, valueWidth / GroupSize, valueGradients + (nint)start * valueWidth, valueWidth, accumulate: true);
            }
            AttentionBlocks.PutGradient<TSimd, TVector>(in a.Queries, pair.Place, pair.Head, first, rows, queryGradients, width, a.Scale);
        }
        // The factor of keys came with the queries.
        AttentionBlocks.PutGradient<TSimd, TVector>(in a.Keys, pair.KeyPlace, pair.Head, 0, keys, keyGradients, width, 1f);
        AttentionBlocks.PutGradient<TSimd, TVector>(in a.Values, pair.KeyPlace, pair.Head, 0, keys, valueGradients, valueWidth, 1f);
    }
}

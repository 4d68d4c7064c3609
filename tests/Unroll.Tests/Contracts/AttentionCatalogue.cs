using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tests.Reference;

namespace Unroll.Tests.Contracts;

/// <summary>Attention: masks by lengths and causal ones, one block and several, heads that fill groups of 16 columns and that do not.</summary>
internal static class AttentionCatalogue
{
    private static readonly int[] s_queries = [2, 3, 0, 1], s_keys = [5, 0, 2, 4];

    public static IEnumerable<OperationEntry> All()
    {
        yield return Entry("dense, three heads", new([2, 3, 12]), new([2, 5, 12]), new([2, 5, 6]), 3);
        yield return Entry("ragged, some without keys or queries", new([4, 3, 6], s_queries), new([4, 5, 6], s_keys), new([4, 5, 4], s_keys), 2);
        yield return Entry("ragged queries, dense keys", new([4, 3, 6], s_queries), new([4, 5, 6]), new([4, 5, 4]), 2);
        yield return Entry("heads of 20 and 16 columns", new([1, 3, 40]), new([1, 4, 40]), new([1, 4, 32]), 2);
        yield return Entry("causal", new([2, 5, 4]), new([2, 5, 4]), new([2, 5, 6]), 2, 0);
        yield return Entry("causal behind a cache, ragged", new([4, 3, 6], s_queries), new([4, 5, 6], s_keys), new([4, 5, 4], s_keys), 2, 2);
        yield return Entry("causal, first queries see nothing", new([1, 5, 2]), new([1, 5, 2]), new([1, 5, 3]), 1, -2);
        yield return Entry("a scale of one's own", new([1, 3, 4]), new([1, 4, 4]), new([1, 4, 4]), 2, null, 1.5f);
        yield return Entry("dropout, ragged", new([4, 3, 6], s_queries), new([4, 5, 6], s_keys), new([4, 5, 4], s_keys), 2, null, null, 0.4f);
        yield return Entry("several blocks", new([1, 70, 2]), new([1, 150, 2]), new([1, 150, 3]), 1);
        yield return Entry("several blocks, causal, dropout", new([1, 70, 2]), new([1, 150, 2]), new([1, 150, 3]), 1, 75, null, 0.25f);
        foreach (int[]? lengths in new[] { null, s_queries })
            yield return new OperationEntry($"Attention, one tensor in three places, {(lengths is null ? "dense" : "ragged")}", typeof(ScaledDotProductAttentionOp))
            {
                Inputs = [new([4, 3, 6], lengths)],
                Build = (tape, x, _) => ScaledDotProductAttentionOp.Of(tape, x[0], x[0], x[0], new AttentionSettings(2)),
                Reference = (x, _) => ReferenceAttention.Output(x[0], x[0], x[0], 2),
            };
    }

    private static OperationEntry Entry(
        string how, OperationInput queries, OperationInput keys, OperationInput values, int heads, int? causalOffset = null, float? scale = null, float dropout = 0)
    {
        var settings = new AttentionSettings(heads)
        {
            Causal = causalOffset is not null,
            Offset = causalOffset ?? 0,
            Scale = scale,
            Dropout = dropout,
            Draws = new RandomStream(11, "attention", 4),
        };
        return new OperationEntry($"Attention, {how}", typeof(ScaledDotProductAttentionOp))
        {
            Inputs = [queries, keys, values],
            Build = (tape, x, _) => ScaledDotProductAttentionOp.Of(tape, x[0], x[1], x[2], settings),
            Reference = (x, _) => ReferenceAttention.Output(x[0], x[1], x[2], heads, causalOffset, scale, dropout, settings.Draws),
        };
    }
}

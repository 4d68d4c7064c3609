using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Reference;

namespace Unroll.Tests.Contracts;

/// <summary>The catalogue's entries for structured outputs, against sums over every path.</summary>
internal static unsafe class StructuredCatalogue
{
    private static readonly int[] s_ragged = [2, 3, 0, 1], s_full = [3, 3, 3, 3];
    private static readonly int[][] s_labels = [[1, 3], [2, 2], [], [4]];
    private static readonly float[] s_tags = [1, 0, 2, 3, 3, 0, 4, 4, 4, 2, 1, 0]; // by sequence and step
    private static readonly Tensor s_tokens = Tensor.FromTokens(s_labels);

    public static IEnumerable<OperationEntry> All() => [.. Sequences(), .. RowWise()];

    private static IEnumerable<OperationEntry> Sequences()
    {
        foreach (int[]? lengths in new[] { null, s_ragged })
        {
            string kind = lengths is null ? "dense" : "ragged";
            var input = new OperationInput([4, 3, 5], lengths);
            yield return new OperationEntry($"Ctc, {kind}", typeof(CtcOp))
            {
                Inputs = [input],
                Build = (tape, x, _) => CtcOp.Of(tape, x[0], s_tokens, blank: 0, zeroInfinity: false),
                Reference = (x, _) => PerSequence(b => StructuredReference.Ctc(StructuredReference.Steps(x[0], b), s_labels[b], 0)),
            };
            yield return new OperationEntry($"ChainLoss, {kind}", typeof(ChainLossOp))
            {
                Inputs = [input],
                Parameters = [new OperationParameter([5, 5]), new OperationParameter([5]), new OperationParameter([5])],
                Build = (tape, x, p) => ChainLoss(tape, x[0], p),
                Reference = (x, p) => PerSequence(b =>
                    StructuredReference.ChainLoss(StructuredReference.Steps(x[0], b), [.. s_tags.Skip(3 * b).Take((lengths ?? s_full)[b]).Select(tag => (int)tag)], p[0], p[1], p[2])),
            };
        }
    }

    private static IEnumerable<OperationEntry> RowWise()
    {
        yield return new OperationEntry("WeightedMean", typeof(WeightedMeanOp))
        {
            Inputs = [new OperationInput([6])],
            Build = (tape, x, _) => WeightedMean(tape, x[0], [0.5f, 0f, 2f, 1f, 0.25f, 3f], -4),
            Reference = (x, _) => new ReferenceTensor([], [x[0].Values.Zip([0.5, 0, 2, 1, 0.25, 3], (v, w) => v * w).Sum() / -4]),
        };
        yield return new OperationEntry("Pick", typeof(PickOp))
        {
            Inputs = [new OperationInput([4, 5])],
            Build = (tape, x, _) => Pick(tape, x[0], [3, 0, 4, 4]),
            Reference = (x, _) => new ReferenceTensor([4], [x[0].Values[3], x[0].Values[5], x[0].Values[14], x[0].Values[19]]),
        };
        foreach (int width in new[] { 3, 21 })
            yield return new OperationEntry($"SelectRows, {width} features", typeof(SelectRowsOp))
            {
                Inputs = [new OperationInput([4, width])],
                Build = (tape, x, _) => SelectRows(tape, x[0], [2, 0, 2]),
                Reference = (x, _) => new ReferenceTensor([3, width], [.. new[] { 2, 0, 2 }.SelectMany(r => x[0].Values[(r * width)..((r + 1) * width)])]),
            };
        foreach (int[]? lengths in new[] { null, s_ragged })
            yield return new OperationEntry($"OutputHead, {(lengths is null ? "dense" : "ragged")}", typeof(OutputHeadOp))
            {
                Inputs = [new OperationInput([4, 3, 5], lengths)],
                Build = (tape, x, _) => OutputHeadOp.Of(tape, x[0], null!, training: true, default),
                Reference = (x, _) => x[0].Map(v => v),
            };
        yield return new OperationEntry("MixtureDensity", typeof(MixtureDensityOp))
        {
            Inputs = [new OperationInput([4, 15])], // 3 components, 2 targets
            Build = (tape, x, _) => Mixture(tape, x[0], [0.3f, -0.6f, 1.1f, 0.2f, -0.4f, 0.9f, 0f, -1.2f], 3),
            Reference = (x, _) => PerSequence(r => StructuredReference.Mixture(
                x[0].Values[(15 * r)..(15 * r + 15)], [.. new[] { 0.3f, -0.6f, 1.1f, 0.2f, -0.4f, 0.9f, 0f, -1.2f }.Skip(2 * r).Take(2).Select(v => (double)v)], 3)),
        };
    }

    private static ReferenceTensor PerSequence(Func<int, double> loss) => new([4], [.. Enumerable.Range(0, 4).Select(loss)]);

    // Iterators cannot hold pointers; these can.
    private static Tensor ChainLoss(Tape tape, Tensor x, Parameter[] p) => ChainLossOp.Of(tape, x, StoredTags(tape, x), p[0], p[1], p[2], null);

    private static Tensor WeightedMean(Tape tape, Tensor x, ReadOnlySpan<float> weights, double total) => WeightedMeanOp.Of(tape, x, Floats(tape, weights), total);

    private static Tensor Pick(Tape tape, Tensor x, ReadOnlySpan<int> indices) => PickOp.Of(tape, x, Indices(tape, indices));

    private static Tensor SelectRows(Tape tape, Tensor x, ReadOnlySpan<int> rows) => SelectRowsOp.Of(tape, x, Indices(tape, rows), rows.Length);

    private static Tensor Mixture(Tape tape, Tensor x, ReadOnlySpan<float> targets, int components) => MixtureDensityOp.Of(tape, x, Floats(tape, targets), components);

    private static int* StoredTags(Tape tape, Tensor x)
    {
        int* tags = (int*)tape.Scratch(x.Rows);
        if (x.Layout is not { } layout)
        {
            for (int r = 0; r < x.Rows; r++) tags[r] = (int)s_tags[r];
            return tags;
        }
        for (int t = 0; t < layout.Steps; t++)
            for (int r = 0; r < layout.RowsAt(t); r++) tags[layout.Offset(t) + r] = (int)s_tags[3 * layout.Order[r] + t];
        return tags;
    }

    private static int* Indices(Tape tape, ReadOnlySpan<int> values)
    {
        int* indices = (int*)tape.Scratch(values.Length);
        values.CopyTo(new Span<int>(indices, values.Length));
        return indices;
    }

    private static float* Floats(Tape tape, ReadOnlySpan<float> values)
    {
        float* floats = tape.Scratch(values.Length);
        values.CopyTo(new Span<float>(floats, values.Length));
        return floats;
    }
}

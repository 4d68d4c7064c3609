using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Reference;

namespace Unroll.Tests.Contracts;

/// <summary>The operations of regularisation; a part of <see cref="OperationCatalogue"/>.</summary>
internal static class RegularizationCatalogue
{
    private static readonly int[] s_lengths = [2, 3, 0, 1];

    public static IEnumerable<OperationEntry> All() => [.. Penalties(), .. Masks()];

    private static IEnumerable<OperationEntry> Penalties()
    {
        foreach (OperationInput input in new[] { new OperationInput([3, 41]), new OperationInput([4, 3, 5], s_lengths), new OperationInput([3, 500]) })
            yield return new OperationEntry($"ActivityPenalty, [{string.Join(", ", input.Shape)}]", typeof(ActivityPenaltyOp))
            {
                Inputs = [input],
                Build = (tape, x, _) => ActivityPenaltyOp.Of(tape, x[0], 0.5, 0.25),
                Reference = (x, _) => Number(x[0].Values.Where((_, i) => x[0].IsReal(i)).Sum(v => 0.5 * Math.Abs(v) + 0.25 * v * v)),
            };
        foreach (int[] lengths in new[] { s_lengths, [3, 3, 3, 3], [1, 0, 1, 1] })
            yield return new OperationEntry($"StepDifferencePenalty, {string.Join(" ", lengths)}", typeof(StepDifferencePenaltyOp))
            {
                Inputs = [new OperationInput([4, 3, 5], lengths)],
                Build = (tape, x, _) => StepDifferencePenaltyOp.Of(tape, x[0], 0.75),
                Reference = (x, _) => Number(0.75 * MeanSquaredChange(x[0])),
            };
    }

    private static IEnumerable<OperationEntry> Masks()
    {
        var stream = new RandomStream(21, "mask", 6);
        foreach (int[]? lengths in new[] { s_lengths, [3, 3, 3, 3] })
            yield return new OperationEntry($"LockedDropout, {string.Join(" ", lengths)}", typeof(LockedDropoutOp))
            {
                Inputs = [new OperationInput([4, 3, 21], lengths)],
                Build = (tape, x, _) => LockedDropoutOp.Of(tape, x[0], 0.375f, stream),
                Reference = (x, _) => x[0].MapIndexed((i, v) => stream.Uniform(((long)(i / 63) << 32) + i % 21) < 0.375f ? 0 : v / (1 - 0.375)),
            };
        foreach (int[]? lengths in new[] { null, s_lengths })
        {
            string kind = lengths is null ? "dense" : "ragged";
            yield return new OperationEntry($"ScaleRows, {kind}", typeof(ScaleRowsOp))
            {
                Inputs = [new OperationInput([4, 3, 19], lengths)],
                Build = (tape, x, _) => Scaled(tape, x[0]),
                Reference = (x, _) => x[0].MapIndexed((i, v) => v * FactorOf(Stored(x[0], i / 19))),
            };
            yield return new OperationEntry($"WordDropout, {kind}", typeof(WordDropoutOp))
            {
                Inputs = [new OperationInput([4, 3], lengths, [3, 0, 1, 3, 3, 2, 1, 1, 1, 0, 2, 2], Differentiable: false)],
                Parameters = [new OperationParameter([5, 18])],
                Build = (tape, x, p) => EmbeddingOp.Of(tape, WordDropoutOp.Of(tape, x[0], 0.5f, 4, 3, stream), p[0]),
                Reference = (x, p) => ReferenceOperations.Embedding(
                    x[0].MapIndexed((i, id) => id != 3 && stream.Uniform(((long)(i / 3) << 32) + i % 3) < 0.5f ? 4 : id), p[0], 18, null),
            };
        }
        foreach (PanelLayout panels in new[] { new PanelLayout(7, 4, 19), new PanelLayout(5, 1, 70) })
        {
            Parameter? dropped = null; // as a layer keeps it from pass to pass
            yield return new OperationEntry($"WeightDrop [{panels.Rows}, {panels.Columns}]", typeof(WeightDropOp))
            {
                Inputs = [],
                Parameters = [new OperationParameter([panels.Rows, panels.Columns], panels)],
                Build = (tape, _, p) =>
                {
                    dropped ??= new Parameter("dropped", p[0].Shape, panels);
                    WeightDropOp.Apply(tape, p[0], dropped, 0.25f, stream);
                    return ParameterOp.Of(tape, dropped);
                },
                Reference = (_, p) =>
                {
                    // A weight's draw is that of its place in memory.
                    float[] places = [.. Enumerable.Range(0, panels.StorageLength).Select(i => stream.Uniform(i) < 0.25f ? 0f : 1f)], kept = new float[p[0].Length];
                    panels.Unpack(places, kept);
                    return new ReferenceTensor([panels.Rows, panels.Columns], [.. p[0].Select((w, i) => w * kept[i] / 0.75)]);
                },
            };
        }
        foreach ((int vocabulary, int units) in new[] { (70, 5), (16, 33), (3, 2) })
        {
            Parameter? kernel = null;
            yield return new OperationEntry($"TiedKernel [{vocabulary}, {units}]", typeof(TiedKernelOp))
            {
                Inputs = [],
                Parameters = [new OperationParameter([vocabulary, units])],
                Build = (tape, _, p) =>
                {
                    kernel ??= new Parameter("kernel", new Shape(units, vocabulary), new PanelLayout(units, 1, vocabulary));
                    TiedKernelOp.Apply(tape, p[0], kernel, isStale: true);
                    return ParameterOp.Of(tape, kernel);
                },
                Reference = (_, p) => new ReferenceTensor([units, vocabulary], [.. Enumerable.Range(0, units * vocabulary).Select(i => p[0][i % vocabulary * units + i / vocabulary])]),
            };
        }
    }

    private static double FactorOf(int storedRow) => Math.Sin(3.1 * storedRow + 1);

    private static unsafe Tensor Scaled(Tape tape, Tensor x)
    {
        float* factors = tape.Scratch(x.Rows);
        for (int n = 0; n < x.Rows; n++) factors[n] = (float)FactorOf(n);
        return ScaleRowsOp.Of(tape, x, factors);
    }

    /// <summary>Where a row of the padded tensor lies among the stored ones.</summary>
    private static int Stored(ReferenceTensor x, int row)
    {
        if (x.Lengths is null) return row;
        var layout = new SequenceLayout();
        layout.Set(x.Lengths, 3);
        int step = row % 3, sorted = layout.Order.IndexOf(row / 3);
        return layout.Offset(step) + sorted;
    }

    private static ReferenceTensor Number(double value) => new([], [value]);

    /// <summary>Sequence by sequence, where the library goes step by step.</summary>
    private static double MeanSquaredChange(ReferenceTensor x)
    {
        double sum = 0;
        int count = 0, features = x.Shape[2];
        for (int b = 0; b < x.Shape[0]; b++)
            for (int t = 1; t < x.Lengths![b]; t++)
                for (int f = 0; f < features; f++, count++)
                {
                    int at = (b * x.Shape[1] + t) * features + f;
                    sum += Math.Pow(x.Values[at] - x.Values[at - features], 2);
                }
        return count == 0 ? 0 : sum / count;
    }
}

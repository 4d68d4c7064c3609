using Unroll.Autograd;
using Unroll.Layers;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Reference;

namespace Unroll.Tests.Contracts;

/// <summary>The operations that leave steps out, put them back and repeat them.</summary>
internal static class StepCatalogue
{
    private const float Mask = 0.25f;

    /// <summary>Which of three steps of four sequences are masked: one in the middle, one in front, all, and one at the end.</summary>
    private static readonly bool[] s_masked = [false, true, false, true, false, false, true, true, true, false, false, true];

    /// <summary>The steps selected of four sequences: in another order, none, the same one twice, one.</summary>
    private static readonly int[][] s_places = [[1, 0], [], [0, 0, 0], [2]];

    public static IEnumerable<OperationEntry> All()
    {
        foreach (int[]? lengths in new[] { null, new[] { 3, 2, 0, 3 } })
        {
            string kind = lengths is null ? "dense" : "ragged";
            float[] values = OperationEntry.Distinct(4 * 3 * 5);
            for (int step = 0; step < s_masked.Length; step++)
                if (s_masked[step]) values.AsSpan(5 * step, 5).Fill(Mask);
            var input = new OperationInput([4, 3, 5], lengths, values);
            yield return new OperationEntry($"Mask, {kind}", typeof(MaskOp))
            {
                Inputs = [input],
                Build = (tape, x, _) => MaskOp.Of(tape, x[0], Mask),
                Reference = (x, _) => Steps(x[0], repeat: false),
            };
            yield return new OperationEntry($"Unmask, {kind}", typeof(UnmaskOp))
            {
                Inputs = [input],
                Build = (tape, x, _) => UnmaskOp.Of(tape, MaskOp.Of(tape, x[0], Mask)),
                Reference = (x, _) => Steps(x[0], repeat: true),
            };
        }
        var select = new SelectSteps();
        Tensor places = Tensor.FromTokens(s_places);
        foreach (int[]? lengths in new[] { null, new[] { 2, 3, 1, 3 } })
        {
            yield return new OperationEntry($"SelectSteps, {(lengths is null ? "dense" : "ragged")}", typeof(SelectRowsOp))
            {
                Inputs = [new OperationInput([4, 3, 5], lengths)],
                Build = (tape, x, _) => select.Forward([x[0], places], new Pass(tape)),
                Reference = (x, _) => Selected(x[0]),
            };
        }
        yield return new OperationEntry("RepeatSteps", typeof(RepeatStepsOp))
        {
            Inputs = [new OperationInput([3, 5])],
            Build = (tape, x, _) => RepeatStepsOp.Of(tape, x[0], 4),
            Reference = (x, _) => new ReferenceTensor([3, 4, 5], [.. Enumerable.Range(0, 60).Select(i => x[0].Values[i / 20 * 5 + i % 5])]),
        };
    }

    /// <summary>Masked steps as zeros or as the step before; padding as zeros.</summary>
    private static ReferenceTensor Steps(ReferenceTensor x, bool repeat)
    {
        var result = new double[x.Values.Length];
        for (int step = 0; step < s_masked.Length; step++)
        {
            if (!x.IsReal(5 * step)) continue;
            if (!s_masked[step]) x.Values.AsSpan(5 * step, 5).CopyTo(result.AsSpan(5 * step, 5));
            else if (repeat && step % 3 > 0) result.AsSpan(5 * (step - 1), 5).CopyTo(result.AsSpan(5 * step, 5));
        }
        return new ReferenceTensor(x.Shape, result, x.Lengths);
    }

    private static ReferenceTensor Selected(ReferenceTensor x)
    {
        var result = new double[4 * 3 * 5];
        for (int b = 0; b < s_places.Length; b++)
            for (int p = 0; p < s_places[b].Length; p++) x.Values.AsSpan((b * 3 + s_places[b][p]) * 5, 5).CopyTo(result.AsSpan((b * 3 + p) * 5, 5));
        return new ReferenceTensor([4, 3, 5], result, [.. s_places.Select(places => places.Length)]);
    }
}

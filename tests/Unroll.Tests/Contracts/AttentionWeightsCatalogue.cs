using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tests.Reference;

namespace Unroll.Tests.Contracts;

/// <summary>Attention whose weights are in memory: rows that fill groups of 16 and that do not, one block and several, sequences without queries or keys.</summary>
internal static class AttentionWeightsCatalogue
{
    private static readonly int[] s_queries = [2, 3, 0, 1], s_keys = [5, 0, 2, 4];

    /// <summary>Name, queries' shape, keys' steps, both lengths.</summary>
    private static readonly (string How, int Batch, int Queries, int Keys, int[]? QueryLengths, int[]? KeyLengths)[] s_arrangements =
    [
        ("dense", 2, 3, 5, null, null),
        ("ragged", 4, 3, 5, s_queries, s_keys),
        ("ragged queries, dense keys", 4, 3, 5, s_queries, null),
        ("dense queries, ragged keys", 4, 3, 5, null, s_keys),
    ];

    public static IEnumerable<OperationEntry> All()
    {
        foreach ((string how, int batch, int tq, int tk, int[]? queryLengths, int[]? keyLengths) in s_arrangements)
        {
            OperationInput Queries(int features) => new([batch, tq, features], queryLengths);
            OperationInput Keys(int features) => new([batch, tk, features], keyLengths);
            yield return Scores(how, Queries(6), Keys(6), -0.75f);
            yield return Scores($"{how}, 20 features", Queries(20), Keys(20), 1f);
            yield return Softmax(how, Queries(tk), Keys(2));
            yield return Values(how, Queries(tk), Keys(6));
            yield return Values($"{how}, 20 features", Queries(tk), Keys(20));
            var draws = new RandomStream(11, "weights", 4);
            yield return new OperationEntry($"WeightDropout, {how}", typeof(WeightDropoutOp))
            {
                Inputs = [Queries(tk)],
                Build = (tape, x, _) => WeightDropoutOp.Of(tape, x[0], 0.4f, draws, 3),
                Reference = (x, _) => ReferenceWeights.Dropout(x[0], (double)0.4f, draws, 3),
            };
            yield return new OperationEntry($"MaskedSoftmax, {how}, a window that moves along", typeof(MaskedSoftmaxOp))
            {
                Inputs = [Queries(tk), Keys(2)],
                Build = (tape, x, _) => MaskedSoftmaxOp.Of(tape, x[0], x[1], new AttentionWindow(1) { FirstQuery = 2 }),
                Reference = (x, _) => ReferenceWeights.Softmax(x[0], x[1], 1, (_, i) => i + 2),
            };
            yield return new OperationEntry($"MaskedSoftmax, {how}, windows around centres", typeof(MaskedSoftmaxOp))
            {
                Inputs = [Queries(tk), Keys(2), Queries(1) with { Values = [.. Enumerable.Range(0, batch * tq).Select(i => -1.3f + i * 7 % 9)], Differentiable = false }],
                Build = (tape, x, _) => MaskedSoftmaxOp.Of(tape, x[0], x[1], new AttentionWindow(1.5f) { Centres = x[2] }),
                Reference = (x, _) => ReferenceWeights.Softmax(x[0], x[1], 1.5, (b, i) => ReferenceWeights.At(x[2], b, i, 0)),
            };
            int[] words = [.. Enumerable.Range(0, batch * tk).Select(i => i * 5 % 9)]; // some come twice, some stand behind the vocabulary
            yield return new OperationEntry($"PointerMixture, {how}", typeof(PointerMixtureOp))
            {
                Inputs = [Queries(7), Queries(1) with { Values = [.. Enumerable.Range(0, batch * tq).Select(i => 0.2f + 0.05f * (i % 11))] }, Queries(tk) with { Values = [.. Enumerable.Range(0, batch * tq * tk).Select(i => 0.02f * (1 + i % 9))] },
                    new([batch, tk], keyLengths, [.. words.Select(word => (float)word)], Differentiable: false)],
                Build = (tape, x, _) => PointerMixtureOp.Of(tape, x[0], x[1], x[2], x[3], 2),
                Reference = (x, _) => ReferenceWeights.PointerMixture(x[0], x[1], x[2], x[3], 2),
            };
            yield return Additive(how, Queries(5), Keys(5));
            yield return Additive($"{how}, 35 units", Queries(35), Keys(35));
            foreach (int units in new[] { 5, 19 })
                yield return new OperationEntry($"AdditiveScores, {how}, features, {units} units", typeof(AdditiveScoresOp))
                {
                    Inputs = [Queries(units), Keys(units), Keys(2)],
                    Parameters = [new([units]), new([2, units])],
                    Build = (tape, x, p) => AdditiveScoresOp.Of(tape, x[0], x[1], p[0], x[2], p[1]),
                    Reference = (x, p) => ReferenceWeights.Additive(x[0], x[1], p[0], x[2], p[1]),
                };
            yield return new OperationEntry($"GaussianWindow, {how}", typeof(GaussianWindowOp))
            {
                Inputs = [Queries(tk), Keys(2), Queries(1) with { Values = [.. Enumerable.Range(0, batch * tq).Select(i => -1.3f + i * 7 % 9)] }],
                Build = (tape, x, _) => GaussianWindowOp.Of(tape, x[0], x[1], new AttentionWindow(2) { Centres = x[2] }, 0.8f),
                Reference = (x, _) => ReferenceWeights.Bell(x[0], x[1], 2, (b, i) => ReferenceWeights.At(x[2], b, i, 0), (double)0.8f),
            };
            yield return new OperationEntry($"WeightsAsSteps, {how}", typeof(WeightsAsStepsOp))
            {
                Inputs = [new([batch, 1, tk], queryLengths is null ? null : [.. queryLengths.Select(length => Math.Min(1, length))]), Keys(2)],
                Build = (tape, x, _) => WeightsAsStepsOp.Of(tape, x[0], x[1]),
                Reference = (x, _) => ReferenceWeights.AsSteps(x[0], x[1]),
            };
        }
        foreach ((string how, int[]? lengths) in new[] { ("dense", null), ("ragged", s_keys) })
            foreach ((int size, int channels, int outputs) in new[] { (1, 1, 1), (3, 2, 4), (4, 1, 20), (7, 2, 3) })
                yield return new OperationEntry($"StepConvolution, {how}, {size} steps, {channels} to {outputs} features", typeof(StepConvolutionOp))
                {
                    Inputs = [new([4, 5, channels], lengths)],
                    Parameters = [new([size, channels, outputs], new PanelLayout(size * channels, 1, outputs))],
                    Build = (tape, x, p) => StepConvolutionOp.Of(tape, x[0], p[0]),
                    Reference = (x, p) => ReferenceWeights.Convolution(x[0], p[0], size, outputs),
                };
        yield return Scores("several blocks", new([1, 70, 2]), new([1, 150, 2]), 1f);
        yield return Softmax("several blocks", new([1, 3, 150]), new([1, 150, 1]));
        yield return Values("several blocks", new([1, 70, 150]), new([1, 150, 2]));
        yield return new OperationEntry("AttentionScores, of rows with themselves", typeof(AttentionScoresOp))
        {
            Inputs = [new([4, 5, 6], s_keys)],
            Build = (tape, x, _) => AttentionScoresOp.Of(tape, x[0], x[0], 1f),
            Reference = (x, _) => ReferenceWeights.Products(x[0], x[0], 1),
        };
    }

    private static OperationEntry Scores(string how, OperationInput queries, OperationInput keys, float scale) => new($"AttentionScores, {how}", typeof(AttentionScoresOp))
    {
        Inputs = [queries, keys],
        Build = (tape, x, _) => AttentionScoresOp.Of(tape, x[0], x[1], scale),
        Reference = (x, _) => ReferenceWeights.Products(x[0], x[1], scale),
    };

    private static OperationEntry Additive(string how, OperationInput queries, OperationInput keys) => new($"AdditiveScores, {how}", typeof(AdditiveScoresOp))
    {
        Inputs = [queries, keys],
        Parameters = [new([queries.Shape[2]])],
        Build = (tape, x, p) => AdditiveScoresOp.Of(tape, x[0], x[1], p[0]),
        Reference = (x, p) => ReferenceWeights.Additive(x[0], x[1], p[0]),
    };

    private static OperationEntry Softmax(string how, OperationInput scores, OperationInput keys) => new($"MaskedSoftmax, {how}", typeof(MaskedSoftmaxOp))
    {
        Inputs = [scores, keys],
        Build = (tape, x, _) => MaskedSoftmaxOp.Of(tape, x[0], x[1]),
        Reference = (x, _) => ReferenceWeights.Softmax(x[0], x[1]),
    };

    private static OperationEntry Values(string how, OperationInput weights, OperationInput values) => new($"WeightedValues, {how}", typeof(WeightedValuesOp))
    {
        Inputs = [weights, values],
        Build = (tape, x, _) => WeightedValuesOp.Of(tape, x[0], x[1]),
        Reference = (x, _) => ReferenceWeights.Average(x[0], x[1]),
    };
}

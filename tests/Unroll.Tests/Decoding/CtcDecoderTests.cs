using Unroll.Decoding;
using Unroll.Tensors;
using Unroll.Tests.Losses;
using Unroll.Tests.Reference;

namespace Unroll.Tests.Decoding;

/// <summary>Decoders against lists of every path.</summary>
public class CtcDecoderTests
{
    private const int Steps = 5, Classes = 3;
    private static readonly float[] s_logits = LossRun.Distinct(2 * Steps * Classes, 1.5f, 0.4f);
    private static readonly Tensor s_outputs = Tensor.FromArray(s_logits, 2, Steps, Classes).WithLengths([Steps, 3]);

    private static double[][] Rows(int b) =>
        [.. Enumerable.Range(0, b == 0 ? Steps : 3).Select(t => s_logits.Skip((b * Steps + t) * Classes).Take(Classes).Select(v => (double)v).ToArray())];

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_wide_beam_finds_every_label_sequence_in_order_with_its_probability(int blank)
    {
        IReadOnlyList<CtcHypothesis>[] answers = CtcDecoder.BeamSearch(s_outputs, width: 200, best: 5, blank);
        for (int b = 0; b < 2; b++)
        {
            KeyValuePair<string, double>[] expected = [.. StructuredReference.CtcLabelLogProbabilities(Rows(b), blank).OrderByDescending(pair => pair.Value).Take(5)];
            Assert.Equal(expected.Select(pair => pair.Key), answers[b].Select(answer => string.Join(",", answer.Labels)));
            for (int i = 0; i < 5; i++) Assert.Equal(expected[i].Value, answers[b][i].LogProbability, 1e-9);
        }
    }

    [Fact]
    public void A_language_model_changes_scores_and_order_but_no_probability()
    {
        double Model(IReadOnlyList<int> before, int next) => next == 2 ? -0.4 * (1 + before.Count) : 0.3;
        IReadOnlyList<CtcHypothesis>[] answers = CtcDecoder.BeamSearch(s_outputs, 200, 3, languageModel: Model);
        Dictionary<string, double> logs = StructuredReference.CtcLabelLogProbabilities(Rows(0), 0);
        double Added(string key) => key.Length == 0 ? 0 : key.Split(',').Select((label, i) => label == "2" ? -0.4 * (1 + i) : 0.3).Sum();
        string[] expected = [.. logs.OrderByDescending(pair => pair.Value + Added(pair.Key)).Take(3).Select(pair => pair.Key)];
        Assert.Equal(expected, answers[0].Select(answer => string.Join(",", answer.Labels)));
        foreach ((CtcHypothesis answer, string key) in answers[0].Zip(expected))
        {
            Assert.Equal(logs[key], answer.LogProbability, 1e-9);
            Assert.Equal(logs[key] + Added(key), answer.Score, 1e-9);
        }
    }

    [Fact]
    public void Greedy_and_alignment_are_the_best_of_all_paths()
    {
        CtcHypothesis[] greedy = CtcDecoder.Greedy(s_outputs);
        Tensor labels = Tensor.FromTokens([[1, 1], [2]]);
        CtcAlignment[] aligned = CtcDecoder.Align(s_outputs, labels);
        int[][] wanted = [[1, 1], [2]];
        for (int b = 0; b < 2; b++)
        {
            double[][] logs = [.. Rows(b).Select(StructuredReference.LogSoftmax)];
            double Log(int[] path) => path.Select((c, t) => logs[t][c]).Sum();
            int[] best = StructuredReference.Paths(logs.Length, Classes).MaxBy(Log)!;
            Assert.Equal(StructuredReference.Collapse(best, 0), greedy[b].Labels);
            Assert.Equal(Log(best), greedy[b].LogProbability, 1e-9);
            int[] spelled = StructuredReference.Paths(logs.Length, Classes).Where(path => StructuredReference.Collapse(path, 0).SequenceEqual(wanted[b])).MaxBy(Log)!;
            Assert.Equal(Log(spelled), aligned[b].LogProbability, 1e-9);
            Assert.Equal(spelled, aligned[b].Steps.Select(i => i < 0 ? 0 : wanted[b][i]));
            for (int i = 0; i < wanted[b].Length; i++)
                for (int t = 0; t < logs.Length; t++)
                    Assert.Equal(aligned[b].Steps[t] == i, t >= aligned[b].Starts[i] && t < aligned[b].Ends[i]);
        }
    }

    [Fact]
    public void Ties_have_a_fixed_order()
    {
        Tensor even = Tensor.FromArray(new float[2 * 3], 1, 2, 3);
        // 1 and 2 are each spelled by three of the nine paths, the empty sequence and two labels by one.
        Assert.Equal(["1", "2", "", "1,2", "2,1"], CtcDecoder.BeamSearch(even, 10, 5)[0].Select(answer => string.Join(",", answer.Labels)));
        Assert.Equal([0, 0], CtcDecoder.Align(even, Tensor.FromTokens([[2]]))[0].Steps);
        Assert.Empty(CtcDecoder.Greedy(even)[0].Labels);
    }

    [Fact]
    public void Bad_input_is_named()
    {
        Assert.Throws<ArgumentException>(() => CtcDecoder.Greedy(Tensor.Zeros(2, 3)));
        Assert.Throws<ArgumentException>(() => CtcDecoder.Greedy(s_outputs, blank: 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => CtcDecoder.BeamSearch(s_outputs, width: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => CtcDecoder.BeamSearch(s_outputs, width: 2, best: 3));
        Assert.Contains("batch row 1: its 2 labels cannot be aligned with its 1 steps",
            Assert.Throws<ArgumentException>(() => CtcDecoder.Align(Tensor.Zeros(2, 2, 3).WithLengths([2, 1]), Tensor.FromTokens([[1], [1, 2]]))).Message, StringComparison.Ordinal);
        Assert.Contains("batch row 0, step 1: an output is NaN",
            Assert.Throws<ArgumentException>(() => CtcDecoder.Greedy(Tensor.FromArray([0, 0, float.NaN, 0], 1, 2, 2))).Message, StringComparison.Ordinal);
        Assert.Empty(CtcDecoder.Greedy(Tensor.Zeros(1, 2, 3).WithLengths([0]))[0].Labels);
        Assert.Equal(0, CtcDecoder.BeamSearch(Tensor.Zeros(1, 2, 3).WithLengths([0]))[0][0].LogProbability);
    }
}

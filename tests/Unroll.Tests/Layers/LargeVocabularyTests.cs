using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Losses;
using Unroll.Tests.Reference;
using Unroll.Training;

namespace Unroll.Tests.Layers;

/// <summary>Sampled and adaptive softmax against their formulas in double precision.</summary>
public class LargeVocabularyTests
{
    private const int Rows = 5, Features = 6, Vocabulary = 11, Samples = 4;
    private static readonly float[] s_hidden = LossRun.Distinct(Rows * Features, 1f, 0.3f);
    private static readonly float[] s_targets = [0, 7, 2, -100, 10];
    private static readonly Tensor s_labels = Tensor.FromArray(s_targets, Rows);

    private static Sequential Sampled() => new(new Shape(-1, Features), seed: 2) { new SampledSoftmax(Vocabulary, Samples, new RandomNormal(0, 1)) };

    private static Sequential Adaptive() => new(new Shape(-1, Features), seed: 3) { new AdaptiveSoftmax(Vocabulary, [3, 7], 2, new RandomNormal(0, 1)) };

    private static double[] Hidden(int r) => [.. s_hidden.Skip(r * Features).Take(Features).Select(v => (double)v)];

    /// <summary>row · matrix, for a row-major matrix.</summary>
    private static double[] Times(double[] row, float[] matrix) => Times(row, Array.ConvertAll(matrix, v => (double)v));

    private static double[] Times(double[] row, double[] matrix)
    {
        int columns = matrix.Length / row.Length;
        return [.. Enumerable.Range(0, columns).Select(c => row.Select((v, i) => v * matrix[i * columns + c]).Sum())];
    }

    private static double Mean(Func<int, double> lossOfRow) =>
        Enumerable.Range(0, Rows).Where(r => s_targets[r] >= 0).Average(lossOfRow);

    [Fact]
    public void The_sampled_loss_and_its_gradient_agree_with_the_formula()
    {
        Sequential model = Sampled();
        var layer = (SampledSoftmax)model.Layers[0];
        float[] kernel = model.Parameters[0].ToArray(), candidates = new float[Samples];
        layer.Draw(new RandomStream(9, "sampled_softmax/candidates", 4), candidates);
        double LossOf(double[] weights) => Mean(r =>
        {
            int target = (int)s_targets[r];
            double Logit(int c) => Hidden(r).Select((v, i) => v * weights[c * Features + i]).Sum()
                - Math.Log(Samples * Math.Log((c + 2.0) / (c + 1.0)) / Math.Log(Vocabulary + 1.0));
            double sum = Math.Exp(Logit(target)) + candidates.Where(c => c != target).Sum(c => Math.Exp(Logit((int)c)));
            return Math.Log(sum) - Logit(target);
        });
        var tape = new Tape();
        Tensor outputs = model.ForwardBeforeActivation(Tensor.FromArray(s_hidden, Rows, Features), new Pass(tape, Training: true, Seed: 9, Step: 4));
        Tensor loss = Loss.SampledSoftmax().Of(outputs, s_labels);
        Assert.Equal(LossOf([.. kernel.Select(v => (double)v)]), loss.Item, 1e-5);
        tape.Backward(loss);
        float[] gradient = model.Parameters[0].GradientToArray();
        LossRun.AssertClose(LossReference.Differences(LossOf, kernel), gradient, 1e-5);
        HashSet<int> touched = [.. candidates.Select(c => (int)c), .. s_targets.Where(c => c >= 0).Select(c => (int)c)];
        Assert.True(touched.Count < Vocabulary);
        for (int c = 0; c < Vocabulary; c++) if (!touched.Contains(c)) Assert.All(gradient[(c * Features)..((c + 1) * Features)], g => Assert.Equal(0f, g));
    }

    [Fact]
    public void Candidates_follow_the_log_uniform_distribution_and_the_step_alone()
    {
        var layer = new SampledSoftmax(50, 20000);
        float[] drawn = new float[20000], again = new float[20000];
        layer.Draw(new RandomStream(1, "x", 3), drawn);
        layer.Draw(new RandomStream(1, "x", 3), again);
        Assert.Equal(drawn, again);
        layer.Draw(new RandomStream(1, "x", 4), again);
        Assert.NotEqual(drawn, again);
        for (int c = 0; c < 50; c++)
        {
            double p = Math.Log((c + 2.0) / (c + 1.0)) / Math.Log(51), deviation = Math.Sqrt(p * (1 - p) / drawn.Length);
            Assert.Equal(p, drawn.Count(d => d == c) / (double)drawn.Length, 5 * deviation);
            Assert.Equal(Math.Log(20000 * p), layer.LogExpected(c), 1e-5);
        }
    }

    [Fact]
    public void Evaluation_and_prediction_use_every_class()
    {
        foreach (Sequential model in new[] { Sampled(), Adaptive() })
        {
            bool sampled = model.Layers[0] is SampledSoftmax;
            Loss loss = sampled ? Loss.SampledSoftmax() : Loss.AdaptiveSoftmax();
            float[] predicted = model.Predict(Tensor.FromArray(s_hidden, Rows, Features)).ToArray();
            float[][] parameters = [.. model.Parameters.Select(p => p.ToArray())];
            double[] LogProbabilities(int r)
            {
                if (sampled) return StructuredReference.LogSoftmax([.. Enumerable.Range(0, Vocabulary).Select(c => Hidden(r).Select((v, i) => v * parameters[0][c * Features + i]).Sum())]);
                double[] head = StructuredReference.LogSoftmax(Times(Hidden(r), parameters[0]));
                double[] first = StructuredReference.LogSoftmax(Times(Times(Hidden(r), parameters[1]), parameters[2]));
                double[] second = StructuredReference.LogSoftmax(Times(Times(Hidden(r), parameters[3]), parameters[4]));
                return [.. head.Take(3), .. first.Select(v => head[3] + v), .. second.Select(v => head[4] + v)];
            }
            for (int r = 0; r < Rows; r++)
            {
                double[] expected = LogProbabilities(r);
                Assert.Equal(1, expected.Sum(Math.Exp), 1e-9);
                for (int c = 0; c < Vocabulary; c++) Assert.Equal(Math.Exp(expected[c]), predicted[r * Vocabulary + c], 1e-5);
            }
            Tensor outputs = model.ForwardBeforeActivation(Tensor.FromArray(s_hidden, Rows, Features), new Pass(new Tape(recording: false)));
            Assert.Equal(Mean(r => -LogProbabilities(r)[(int)s_targets[r]]), loss.Of(outputs, s_labels).Item, 1e-5);
        }
    }

    [Fact]
    public void The_adaptive_gradient_agrees_with_differences_of_its_loss_and_leaves_other_clusters_alone()
    {
        Sequential model = Adaptive();
        var labels = Tensor.FromArray([0f, 4, 6, -100, 2], Rows); // none in the second cluster
        var tape = new Tape();
        Tensor loss = Loss.AdaptiveSoftmax().Of(model.ForwardBeforeActivation(Tensor.FromArray(s_hidden, Rows, Features), new Pass(tape, Training: true)), labels);
        tape.Backward(loss);
        double LossOf(double[] head, double[] projection, double[] tail) => new[] { (0, 0, 0), (1, 4, 3), (2, 6, 3), (4, 2, 2) }.Average(row =>
        {
            (int r, int label, int place) = row;
            double log = -StructuredReference.LogSoftmax(Times(Hidden(r), head))[place];
            return label < 3 ? log : log - StructuredReference.LogSoftmax(Times(Times(Hidden(r), projection), tail))[label - 3];
        });
        float[][] values = [.. model.Parameters.Select(p => p.ToArray())];
        double[][] exact = [.. values.Select(v => v.Select(x => (double)x).ToArray())];
        Assert.Equal(LossOf(exact[0], exact[1], exact[2]), loss.Item, 1e-5);
        LossRun.AssertClose(LossReference.Differences(v => LossOf(v, exact[1], exact[2]), values[0]), model.Parameters[0].GradientToArray(), 1e-5);
        LossRun.AssertClose(LossReference.Differences(v => LossOf(exact[0], v, exact[2]), values[1]), model.Parameters[1].GradientToArray(), 1e-5);
        LossRun.AssertClose(LossReference.Differences(v => LossOf(exact[0], exact[1], v), values[2]), model.Parameters[2].GradientToArray(), 1e-5);
        Assert.All(model.Parameters[3].GradientToArray().Concat(model.Parameters[4].GradientToArray()), g => Assert.Equal(0f, g));
    }

    [Fact]
    public void Bad_input_is_named()
    {
        static string Message(Action run) => Assert.ThrowsAny<ArgumentException>(run).Message;
        Assert.Contains("expected ascending cutoffs from 1 to 9", Message(() => _ = new AdaptiveSoftmax(10, [5, 5])), StringComparison.Ordinal);
        Assert.Contains("at least one cutoff", Message(() => _ = new AdaptiveSoftmax(10, [])), StringComparison.Ordinal);
        Assert.Contains("at least 1 sample", Message(() => _ = new SampledSoftmax(10, 0)), StringComparison.Ordinal);
        Tensor outputs = Sampled().ForwardBeforeActivation(Tensor.FromArray(s_hidden, Rows, Features), new Pass(new Tape(), Training: true));
        Assert.Contains("the target at batch row 4 is 11; expected a whole number from 0 to 10, or -100 to ignore it",
            Message(() => Loss.SampledSoftmax().Of(outputs, Tensor.FromArray([0f, 1, 2, 3, 11], Rows))), StringComparison.Ordinal);
        Assert.Contains("expected what a model gives that ends in AdaptiveSoftmax", Message(() => Loss.AdaptiveSoftmax().Of(outputs, s_labels)), StringComparison.Ordinal);
        Assert.Equal(0f, Loss.SampledSoftmax().Of(outputs, Tensor.FromArray([-100f, -100, -100, -100, -100], Rows)).Item);
    }

    /// <summary>The next word of a cycle, over ragged sequences, by both layers.</summary>
    [Theory]
    [InlineData("sampled_softmax")]
    [InlineData("adaptive_softmax")]
    public void A_small_language_model_learns(string loss)
    {
        int[][] words = [.. Enumerable.Range(0, 30).Select(n => Enumerable.Range(0, 3 + n % 5).Select(t => (7 * n + 3 * t) % 40).ToArray())];
        Tensor x = Tensor.FromTokens(words), y = Tensor.FromTokens([.. words.Select(row => row.Select(word => (word + 3) % 40).ToArray())]);
        Layer last = loss == "sampled_softmax" ? new SampledSoftmax(40, 12) : new AdaptiveSoftmax(40, [8, 20], 2);
        var model = new Sequential { new Embedding(40, 16), new Gru(16, returnSequences: true), last };
        model.Compile(new Adam(0.03f), Loss.FromName(loss), Metric.Accuracy());
        model.Fit((x, y), epochs: 25, batchSize: 10);
        Assert.True(model.Evaluate((x, y))["accuracy"] > 0.95);
    }
}

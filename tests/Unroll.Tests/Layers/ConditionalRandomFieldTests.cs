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
using Unroll.Tests.Support;
using Unroll.Training;

namespace Unroll.Tests.Layers;

/// <summary>The chain against lists of every path, and the names of tags.</summary>
public class ConditionalRandomFieldTests
{
    private const int Steps = 4;
    private static readonly string[] s_names = ["O", "B-x", "I-x"];
    private static readonly float[] s_scores = LossRun.Distinct(3 * Steps * 3, 2f, 0.7f);
    private static readonly int[] s_lengths = [4, 2, 0];
    private static readonly Tensor s_input = Tensor.FromArray(s_scores, 3, Steps, 3).WithLengths(s_lengths);

    private static double[][] Rows(int b) =>
        [.. Enumerable.Range(0, s_lengths[b]).Select(t => s_scores.Skip((b * Steps + t) * 3).Take(3).Select(v => (double)v).ToArray())];

    private static Sequential Model(bool named, bool constrainTraining = false)
    {
        var chain = named ? new ConditionalRandomField(s_names, constrainTraining, new RandomNormal(0, 1)) : new ConditionalRandomField(3, new RandomNormal(0, 1));
        return new Sequential(new Shape(-1, -1, 3), seed: 5) { chain };
    }

    /// <summary>The layer's scores in double, −∞ where BIO forbids: I after O, and I first.</summary>
    private static (double[] Transitions, double[] Start, double[] End) Scores(Sequential model, bool named)
    {
        double[][] all = [.. model.Parameters.Select(p => p.ToArray().Select(v => (double)v).ToArray())];
        if (named) (all[0][2], all[1][2]) = (double.NegativeInfinity, double.NegativeInfinity);
        return (all[0], all[1], all[2]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Best_paths_and_probabilities_agree_with_all_paths(bool named)
    {
        Sequential model = Model(named);
        (double[] transitions, double[] start, double[] end) = Scores(model, named);
        int[][] tags = model.PredictTags(s_input, batchSize: 2);
        float[] probabilities = model.Predict(s_input).ToArray();
        for (int b = 0; b < 2; b++)
        {
            double[][] rows = Rows(b);
            int[][] paths = [.. StructuredReference.Paths(rows.Length, 3)];
            double Score(int[] path) => StructuredReference.ChainScore(rows, path, transitions, start, end);
            Assert.Equal(paths.MaxBy(Score), tags[b]);
            double log = StructuredReference.ChainLogPartition(rows, transitions, start, end);
            for (int t = 0; t < rows.Length; t++)
                for (int k = 0; k < 3; k++)
                    Assert.Equal(paths.Where(path => path[t] == k).Sum(path => Math.Exp(Score(path) - log)), probabilities[(b * Steps + t) * 3 + k], 1e-6);
        }
        Assert.Empty(tags[2]);
    }

    [Fact]
    public void The_loss_is_the_mean_over_steps_and_may_keep_to_the_constraint()
    {
        Tensor targets = Tensor.FromTokens([[0, 1, 2, 2], [1, 0], []]);
        foreach (bool constrained in new[] { false, true })
        {
            Sequential model = Model(named: true, constrained);
            (double[] transitions, double[] start, double[] end) = Scores(model, constrained);
            double expected = StructuredReference.ChainLoss(Rows(0), [0, 1, 2, 2], transitions, start, end) + 3 * StructuredReference.ChainLoss(Rows(1), [1, 0], transitions, start, end);
            Tensor outputs = model.ForwardBeforeActivation(s_input, new Pass(new Tape(), Training: true));
            Assert.Equal(expected / (4 + 3 * 2), Loss.ConditionalRandomField().Of(outputs, targets, Tensor.FromArray([1f, 3f, 1f], 3)).Item, 1e-5);
        }
    }

    [Fact]
    public void BIOES_allows_what_closes_a_chunk()
    {
        string[] names = ["O", "B-x", "I-x", "E-x", "S-x", "B-y", "E-y"];
        var chain = new ConditionalRandomField(names);
        var model = new Sequential(new Shape(-1, -1, 7)) { chain };
        // Scores that would say B-x, B-y, I-x, O without the constraint.
        var scores = new float[1, 4, 7];
        (scores[0, 0, 1], scores[0, 1, 5], scores[0, 2, 2], scores[0, 3, 0]) = (4, 3, 2, 1);
        int[] path = model.PredictTags(Tensor.FromArray(scores))[0];
        string[] open = ["B", "I"];
        for (int t = 0; t < path.Length; t++)
        {
            string tag = names[path[t]], before = t == 0 ? "O" : names[path[t - 1]];
            bool continues = tag[0] is 'I' or 'E';
            Assert.Equal(open.Contains(before[..1]), continues);
            if (continues) Assert.Equal(before[1..], tag[1..]);
        }
        Assert.DoesNotContain(names[path[^1]][..1], open);
        Assert.Equal(1, path[0]);
    }

    [Fact]
    public void Bad_input_is_named()
    {
        static string Message(Action run) => Assert.ThrowsAny<ArgumentException>(run).Message;
        Assert.Contains("'I-x' can never be reached: there is no 'B-x'", Message(() => _ = new ConditionalRandomField(["O", "I-x"])), StringComparison.Ordinal);
        Assert.Contains("'B-x' can never be left: there is no 'E-x'", Message(() => _ = new ConditionalRandomField(["O", "B-x", "S-x"])), StringComparison.Ordinal);
        Assert.Contains("'verb' is neither 'O'", Message(() => _ = new ConditionalRandomField(["O", "verb"])), StringComparison.Ordinal);
        Assert.Contains("'O' is given twice", Message(() => _ = new ConditionalRandomField(["O", "O"])), StringComparison.Ordinal);
        Assert.Contains("expected input [batch, time, 3]", Message(() => new Sequential(new Shape(-1, -1, 4)).Add(new ConditionalRandomField(3))), StringComparison.Ordinal);
        Assert.Contains("no path of 1 tags is allowed", Message(() => new Sequential(new Shape(-1, -1, 2)) { new ConditionalRandomField(["B-x", "E-x"]) }.PredictTags(Tensor.Zeros(1, 1, 2))), StringComparison.Ordinal);
        Assert.Contains("batch row 1, step 2: a score is NaN", Message(() =>
        {
            float[] scores = [.. s_scores];
            scores[(Steps + 2) * 3 + 1] = float.NaN;
            Model(named: false).PredictTags(Tensor.FromArray(scores, 3, Steps, 3));
        }), StringComparison.Ordinal);

        static void Train(Sequential model, Tensor targets, Tensor? weights = null) =>
            Loss.ConditionalRandomField().Of(model.ForwardBeforeActivation(s_input, new Pass(new Tape(), Training: true)), targets, weights);
        Assert.Contains("the target at batch row 1, step 1 is 3; expected a whole number from 0 to 2", Message(() => Train(Model(false), Tensor.FromTokens([[0, 1, 2, 2], [1, 3], []]))), StringComparison.Ordinal);
        Assert.Contains("batch row 1, step 1: tag 2 may not follow tag 0", Message(() => Train(Model(true, true), Tensor.FromTokens([[0, 1, 2, 2], [0, 2], []]))), StringComparison.Ordinal);
        Assert.Contains("batch row 0, step 0: tag 2 may not begin", Message(() => Train(Model(true, true), Tensor.FromTokens([[2, 1, 2, 2], [0, 0], []]))), StringComparison.Ordinal);
        Assert.Contains("batch row 0, step 1 has another weight", Message(() => Train(Model(false), Tensor.FromTokens([[0, 1, 2, 2], [1, 0], []]), Tensor.FromArray([1f, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 3, 4))), StringComparison.Ordinal);
        Assert.Contains("end in 'softmax'", Message(() => new Sequential { new Dense(3, "softmax") }.Compile(new Sgd(0.1f), Loss.ConditionalRandomField())).Replace("ends", "end", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("expected what a model gives that ends in ConditionalRandomField", Message(() => LossRun.Of(Loss.ConditionalRandomField(), s_scores, [3, Steps, 3], Tensor.Zeros(3, Steps))), StringComparison.Ordinal);
    }

    /// <summary>Tags a word that follows a marker, and all after it until a stop: only the order of tags tells the inside from the outside.</summary>
    [Fact]
    public void A_small_tagger_learns_keeps_to_its_names_and_is_saved()
    {
        var draws = new RandomStream(8, "chunks");
        var words = new List<int[]>();
        var tags = new List<int[]>();
        for (int n = 0; n < 48; n++)
        {
            int[] sentence = [.. Enumerable.Range(0, 3 + draws.Below(6, 20 * n)).Select(i => draws.Below(5, 20 * n + 1 + i))];
            var marked = new int[sentence.Length];
            for (int t = 0; t < sentence.Length; t++)
                marked[t] = sentence[t] == 0 ? 1 : t > 0 && marked[t - 1] != 0 && sentence[t] != 4 ? 2 : 0; // 0 begins a chunk, 4 ends it
            words.Add(sentence);
            tags.Add(marked);
        }
        Tensor x = Tensor.FromTokens(words), y = Tensor.FromTokens(tags);
        var model = new Sequential
        {
            new Embedding(5, 8), new Bidirectional(new Lstm(8, returnSequences: true)), new Dense(3), new ConditionalRandomField(s_names, constrainTraining: true),
        };
        model.Compile(new Adam(0.03f), Loss.ConditionalRandomField(), Metric.Accuracy());
        History history = model.Fit((x, y), epochs: 20, batchSize: 12);
        Assert.True(history.Epochs[^1].Loss < 0.1 * history.Epochs[0].Loss, $"{history.Epochs[0].Loss} became {history.Epochs[^1].Loss}");
        Assert.True(model.Evaluate((x, y))["accuracy"] > 0.97);
        int[][] found = model.PredictTags(x);
        Assert.True(found.Zip(tags).Count(pair => pair.First.SequenceEqual(pair.Second)) >= 45);

        using var file = new TemporaryFile("", ".safetensors");
        model.Save(file.Path);
        Sequential again = Sequential.Load(file.Path);
        Assert.Equal(found, again.PredictTags(x));
        Assert.Equal(model.Evaluate((x, y)).Loss, again.Evaluate((x, y)).Loss);
    }
}

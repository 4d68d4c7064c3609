using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Decoding;
using Unroll.Inference;
using Unroll.Kernels.Threading;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Reference;
using Unroll.Tests.Support;
using Unroll.Training;

namespace Unroll.Tests.Losses;

[Collection(VectorWidthCollection.Name)]
public class CtcLossTests
{
    [Theory]
    [InlineData("loss_ctc_small")]
    [InlineData("loss_ctc_repeats")]
    [InlineData("loss_ctc_impossible")]
    public void Golden_losses_and_gradients_agree(string name)
    {
        GoldenFile file = GoldenFiles.Open(name);
        int[] shape = file.Shape("logits"), lengths = [.. file.Floats("input_lengths").Select(n => (int)n)];
        (int steps, int batch, int classes) = (shape[0], shape[1], shape[2]);
        float[] logits = ByBatch(file.Floats("logits"), steps, batch, classes), gradient = ByBatch(file.Floats("grad.logits"), steps, batch, classes);
        Tensor labels = Tensor.FromArray(file.Floats("targets"), file.Shape("targets")).WithLengths([.. file.Floats("target_lengths").Select(n => (int)n)]);
        var tape = new Tape();
        Tensor x = LossRun.OnTape(tape, logits, [batch, steps, classes], lengths);
        Tensor losses = CtcOp.Of(tape, x, labels, blank: 0, zeroInfinity: true);
        LossRun.AssertClose([.. file.Floats("loss").Select(l => (double)l)], losses.ToArray(), 2e-6);
        tape.Backward(losses, [.. Enumerable.Repeat(1f, batch)]);
        LossRun.AssertClose([.. gradient.Select(g => (double)g)], tape.GradientOf(x), 5e-6);
    }

    [Fact]
    public void The_mean_divides_by_labels_and_weighs_sequences()
    {
        float[] logits = LossRun.Distinct(3 * 4 * 3, 2f);
        Tensor labels = Tensor.FromTokens([[1, 2, 1], [2], []]);
        LossRun run = LossRun.Of(Loss.Ctc(), logits, [3, 4, 3], labels, Tensor.FromArray([1f, 0.5f, 2f], 3));
        double Of(int b, params int[] wanted) =>
            StructuredReference.Ctc([.. Enumerable.Range(0, 4).Select(t => logits[((b * 4 + t) * 3)..((b * 4 + t + 1) * 3)].Select(v => (double)v).ToArray())], wanted, 0);
        Assert.Equal((Of(0, 1, 2, 1) / 3 + 0.5 * Of(1, 2) + 2 * Of(2)) / 3.5, run.Value, 1e-5);
    }

    [Fact]
    public void A_long_sequence_stays_exact()
    {
        // All steps alike: the probability is a sum of equal paths, C(T, 2L) ways by 2L + 1 runs where labels differ from blank.
        const int steps = 2000;
        LossRun run = LossRun.Of(Loss.Ctc(), new float[steps * 2], [1, steps, 2], Tensor.FromTokens([[1]]));
        double paths = steps * (steps + 1) / 2.0; // where the one run of the label begins and ends
        Assert.Equal(steps * Math.Log(2) - Math.Log(paths), run.Value, 2e-3);
        for (int t = 0; t < steps; t++) Assert.Equal(0f, run.Gradient[2 * t] + run.Gradient[2 * t + 1], 1e-5f);
    }

    [Fact]
    public void A_row_is_the_same_bits_in_any_batch_and_on_any_threads()
    {
        float[] logits = LossRun.Distinct(5 * 9 * 4, 2f);
        int[][] labels = [[1, 2], [3, 3, 1], [], [2], [1, 1, 1]];
        int[] lengths = [9, 7, 5, 8, 9];
        double? before = TeamParts.OperationsOfPart;
        try
        {
            float[] Losses(int[] rows)
            {
                var tape = new Tape();
                float[] some = [.. rows.SelectMany(b => logits[(b * 36)..(b * 36 + 36)])];
                Tensor x = LossRun.OnTape(tape, some, [rows.Length, 9, 4], [.. rows.Select(b => lengths[b])]);
                Tensor y = CtcOp.Of(tape, x, Tensor.FromTokens([.. rows.Select(b => labels[b])]), 0, false);
                tape.Backward(y, [.. Enumerable.Repeat(1f, rows.Length)]);
                return [.. y.ToArray(), .. tape.GradientOf(x)];
            }
            float[] together = Losses([0, 1, 2, 3, 4]);
            TeamParts.OperationsOfPart = 1;
            Assert.Equal(together, Losses([0, 1, 2, 3, 4]));
            for (int b = 0; b < 5; b++) Assert.Equal([together[b], .. together[(5 + b * 36)..(5 + b * 36 + 36)]], Losses([b]));
        }
        finally
        {
            TeamParts.OperationsOfPart = before;
        }
    }

    [Fact]
    public void Labels_that_cannot_be_aligned_are_named_or_cost_nothing()
    {
        float[] logits = LossRun.Distinct(2 * 4 * 3, 2f);
        Tensor labels = Tensor.FromTokens([[1, 2], [2, 2, 2]]);
        string message = Assert.Throws<ArgumentException>(() => LossRun.Of(Loss.Ctc(), logits, [2, 4, 3], labels)).Message;
        Assert.Contains("batch row 1 has 4 steps; its 3 labels need at least 5 (2 for the blanks between equal neighbours)", message, StringComparison.Ordinal);
        LossRun run = LossRun.Of(Loss.Ctc(zeroInfinity: true), logits, [2, 4, 3], labels);
        LossRun alone = LossRun.Of(Loss.Ctc(), logits[..12], [1, 4, 3], Tensor.FromTokens([[1, 2]]));
        Assert.Equal(alone.Value / 2, run.Value, 1e-6f);
        Assert.All(run.Gradient[12..], g => Assert.Equal(0f, g));
    }

    [Theory]
    [InlineData(0f, "label 1 of batch row 0 is 0; expected a whole number from 0 to 2 other than the blank, 0")]
    [InlineData(3f, "label 1 of batch row 0 is 3; expected")]
    [InlineData(1.5f, "label 1 of batch row 0 is 1.5; expected")]
    [InlineData(float.NaN, "label 1 of batch row 0 is NaN; expected")]
    public void A_label_out_of_range_is_named(float label, string expected)
    {
        Tensor labels = Tensor.FromArray([1f, label], 1, 2);
        string message = Assert.Throws<ArgumentException>(() => LossRun.Of(Loss.Ctc(), new float[12], [1, 4, 3], labels)).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_bad_input_is_refused_and_empty_input_costs_nothing()
    {
        Assert.Throws<ArgumentException>(() => LossRun.Of(Loss.Ctc(), new float[12], [4, 3], Tensor.FromTokens([[1]])));
        Assert.Throws<ArgumentException>(() => LossRun.Of(Loss.Ctc(), new float[12], [1, 4, 3], Tensor.FromTokens([[1], [1]])));
        Assert.Throws<ArgumentException>(() => LossRun.Of(Loss.Ctc(blank: 3), new float[12], [1, 4, 3], Tensor.FromTokens([[1]])));
        Assert.Throws<ArgumentOutOfRangeException>(() => Loss.Ctc(blank: -1));
        Assert.Throws<ArgumentException>(() => LossRun.Of(Loss.Ctc(), new float[12], [1, 4, 3], Tensor.FromTokens([[1]]), Tensor.FromArray([-1f], 1)));
        Assert.Throws<ArgumentException>(() => LossRun.Of(Loss.Ctc(), new float[12], [1, 4, 3], Tensor.FromTokens([[1]]), null, [0]));
        Assert.Equal(0f, LossRun.Of(Loss.Ctc(), new float[24], [2, 4, 3], Tensor.FromTokens([[], []]), null, [0, 0]).Value);
        Assert.Equal(0f, LossRun.Of(Loss.Ctc(), [], [0, 4, 3], Tensor.FromArray([], 0, 2)).Value);
        float[] logits = new float[12];
        logits[4] = float.NaN;
        Assert.True(float.IsNaN(LossRun.Of(Loss.Ctc(), logits, [1, 4, 3], Tensor.FromTokens([[1]])).Value));
    }

    /// <summary>Reads which of three tones sound one after another, from steps whose alignment it is never told.</summary>
    [Fact]
    public void A_small_model_learns_to_spell_and_the_decoders_read_it()
    {
        var draws = new RandomStream(3, "spelling");
        var inputs = new List<float[,]>();
        var labels = new List<int[]>();
        for (int n = 0; n < 48; n++)
        {
            int[] word = [.. Enumerable.Range(0, 1 + draws.Below(3, 50 * n)).Select(i => 1 + draws.Below(3, 50 * n + 1 + i))];
            var steps = new List<int>();
            for (int i = 0; i < word.Length; i++)
            {
                for (int t = 0; t < 1 + draws.Below(2, 50 * n + 10 + i); t++) steps.Add(word[i]);
                steps.Add(0);
            }
            var sequence = new float[steps.Count, 4];
            for (int t = 0; t < steps.Count; t++) sequence[t, steps[t]] = 1f;
            inputs.Add(sequence);
            labels.Add(word);
        }
        Tensor x = Tensor.FromSequences(inputs), y = Tensor.FromTokens(labels);
        var model = new Sequential { new Bidirectional(new Gru(12, returnSequences: true)), new Dense(4) };
        model.Compile(new Adam(0.02f), Loss.Ctc());
        History history = model.Fit((x, y), epochs: 30, batchSize: 12);
        Assert.True(history.Epochs[^1].Loss < 0.1 * history.Epochs[0].Loss, $"{history.Epochs[0].Loss} became {history.Epochs[^1].Loss}");
        Tensor outputs = model.Predict(x).WithLengths(x.Lengths);
        CtcHypothesis[] greedy = CtcDecoder.Greedy(outputs);
        IReadOnlyList<CtcHypothesis>[] beams = CtcDecoder.BeamSearch(outputs, width: 8);
        Assert.True(Enumerable.Range(0, 48).Count(n => greedy[n].Labels.SequenceEqual(labels[n]) && beams[n][0].Labels.SequenceEqual(labels[n])) >= 46);
        Assert.Equal(history.Epochs[^1].Loss, model.Evaluate((x, y), batchSize: 7).Loss, 0.1);
    }

    private static float[] ByBatch(float[] byTime, int steps, int batch, int classes)
    {
        var result = new float[byTime.Length];
        for (int t = 0; t < steps; t++)
            for (int b = 0; b < batch; b++)
                byTime.AsSpan((t * batch + b) * classes, classes).CopyTo(result.AsSpan((b * steps + t) * classes));
        return result;
    }
}

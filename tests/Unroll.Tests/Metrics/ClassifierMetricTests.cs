using Unroll.Metrics;

namespace Unroll.Tests.Metrics;

public class ClassifierMetricTests
{
    // Answers 0 2 1 2 0 1 for the targets 0 1 1 2 2 0.
    private static readonly float[] Outputs =
        [0.8f, 0.1f, 0.1f, 0.2f, 0.3f, 0.5f, 0.1f, 0.6f, 0.3f, 0.05f, 0.05f, 0.9f, 0.7f, 0.2f, 0.1f, 0.3f, 0.4f, 0.3f];

    private static readonly float[] Targets = [0, 1, 1, 2, 2, 0];

    [Fact]
    public void Accuracy_counts_right_rows_of_indices_and_of_one_hot_targets()
    {
        Assert.Equal(3 / 6.0, Of(Metric.Accuracy(), Outputs, Targets, 3));
        float[] oneHot = new float[18];
        for (int row = 0; row < 6; row++) oneHot[row * 3 + (int)Targets[row]] = 1;
        Metric accuracy = Metric.Accuracy();
        accuracy.Update(Outputs, oneHot, 6, 3, 3);
        Assert.Equal(3 / 6.0, accuracy.Result);
    }

    [Fact]
    public void Weights_and_batches_are_gathered_as_one()
    {
        Metric accuracy = Metric.Accuracy();
        accuracy.Update(Outputs.AsSpan(0, 6), Targets.AsSpan(0, 2), 2, 3, 1, [3, 1]); // right, wrong
        accuracy.Update(Outputs.AsSpan(6), Targets.AsSpan(2), 4, 3, 1, [0.5f, 0, 2, 1]); // right, not read, wrong, wrong
        Assert.Equal(3.5 / 7.5, accuracy.Result);
        accuracy.Reset();
        Assert.True(double.IsNaN(accuracy.Result));
    }

    [Fact]
    public void Ignored_targets_count_nowhere()
    {
        Assert.Equal(1 / 2.0, Of(Metric.Accuracy(), Outputs, [0, 1, -100, -100, -100, -100], 3));
        Assert.Equal(2 / 3.0, Of(Metric.Accuracy(ignoredTarget: 2), Outputs, [0, 1, 1, 2, 2, 2], 3));
        Assert.True(double.IsNaN(Of(Metric.F1(), Outputs, [-100, -100, -100, -100, -100, -100], 3)));
        Assert.True(double.IsNaN(Of(Metric.Perplexity(), Outputs, [-100, -100, -100, -100, -100, -100], 3)));
    }

    [Fact]
    public void Ties_go_to_the_lowest_index()
    {
        float[] tie = [0.2f, 0.4f, 0.4f];
        Assert.Equal(1, Of(Metric.Accuracy(), tie, [1], 3));
        Assert.Equal(0, Of(Metric.Accuracy(), tie, [2], 3));
        Assert.Equal(0, Of(Metric.TopK(1), tie, [2], 3));
        Assert.Equal(1, Of(Metric.TopK(2), tie, [2], 3));
        Assert.Equal(0, Of(Metric.TopK(2), tie, [0], 3));
    }

    [Fact]
    public void Top_k_finds_the_target_among_the_k_largest()
    {
        float[] ranks = [4, 1, 3, 5, 2]; // classes by size: 3 0 2 4 1
        double[] k = [.. Enumerable.Range(1, 6).Select(k => Of(Metric.TopK(k), ranks, [2], 5))];
        Assert.Equal([0, 0, 1, 1, 1, 1], k);
    }

    [Fact]
    public void One_output_a_row_is_binary_with_the_threshold_of_probabilities_or_logits()
    {
        float[] outputs = [0.4f, 0.6f, -0.2f, 0.5f], targets = [1, 1, 0, 0];
        Assert.Equal(3 / 4.0, Of(Metric.Accuracy(), outputs, targets, 1)); // wrong: 0.4
        Assert.Equal(3 / 4.0, Of(Metric.Accuracy(fromLogits: true), outputs, targets, 1)); // wrong: 0.5
        Assert.Equal(2 / 4.0, Of(Metric.Accuracy(fromLogits: true), outputs, [0, 1, 0, 0], 1));
        Metric each = Metric.BinaryAccuracy();
        each.Update([0.9f, 0.2f, 0.6f, 0.4f, 0.7f, 0.1f], [1, 1, 1, 0, 0, -100], 2, 3, 3);
        Assert.Equal(3 / 5.0, each.Result);
    }

    [Fact]
    public void A_nan_is_never_right()
    {
        Assert.Equal(0, Of(Metric.Accuracy(), [float.NaN, 0, 0], [0], 3));
        Assert.Equal(0, Of(Metric.Accuracy(), [float.NaN], [0], 1));
        Assert.Equal(0, Of(Metric.TopK(3), [0, float.NaN, 0], [0], 3));
        Assert.Equal(0.5, Of(Metric.Recall(Averaging.Micro), [float.NaN, 0, 0, 0, 1, 0], [0, 1], 3));
        Assert.Equal(1, Of(Metric.Precision(Averaging.Micro), [float.NaN, 0, 0, 0, 1, 0], [0, 1], 3));
    }

    [Fact]
    public void Precision_recall_and_f1_of_each_averaging_agree_with_hand_counts()
    {
        // With three rows more (target 0 answered 2, target 2 answered 2 twice), hits, false alarms and misses are
        // 0: 1 1 2; 1: 1 1 1; 2: 3 2 1.
        float[] outputs = [.. Outputs, 0, 0, 1, 0, 0, 1, 0, 0, 1], targets = [.. Targets, 0, 2, 2];
        Assert.Equal((1 / 2.0 + 1 / 2.0 + 3 / 5.0) / 3, Of(Metric.Precision(), outputs, targets, 3), 14);
        Assert.Equal((1 / 3.0 + 1 / 2.0 + 3 / 4.0) / 3, Of(Metric.Recall(Averaging.Macro), outputs, targets, 3), 14);
        Assert.Equal((2 / 5.0 + 2 / 4.0 + 6 / 9.0) / 3, Of(Metric.F1(), outputs, targets, 3), 14);
        Assert.Equal(5 / 9.0, Of(Metric.F1(Averaging.Micro), outputs, targets, 3), 14);
        Assert.Equal(5 / 9.0, Of(Metric.Accuracy(), outputs, targets, 3), 14);
    }

    [Fact]
    public void Binary_scores_are_those_of_class_one()
    {
        // Three hits, one false alarm, two misses, one right no.
        float[] outputs = [0.9f, 0.8f, 0.7f, 0.6f, 0.1f, 0.2f, 0.3f], targets = [1, 1, 1, 0, 1, 1, 0];
        Assert.Equal(3 / 4.0, Of(Metric.Precision(), outputs, targets, 1));
        Assert.Equal(3 / 5.0, Of(Metric.Recall(), outputs, targets, 1));
        Assert.Equal(6 / 9.0, Of(Metric.F1(), outputs, targets, 1), 15);
        float[] pairs = [.. outputs.SelectMany(p => new[] { 1 - p, p })];
        Assert.Equal(3 / 5.0, Of(Metric.Recall(), pairs, targets, 2));
        Assert.Equal(0, Of(Metric.Precision(), [0.1f, 0.2f], [1, 0], 1)); // never predicted
    }

    [Fact]
    public void Macro_leaves_out_classes_that_never_occurred()
        => Assert.Equal((1 + 2 / 3.0 + 0) / 3, Of(Metric.F1(), [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [0, 1, 1], 5), 15);

    [Fact]
    public void Perplexity_of_uniform_guesses_is_the_number_of_classes()
    {
        Assert.Equal(4, Of(Metric.Perplexity(), [0.25f, 0.25f, 0.25f, 0.25f], [2], 4), 13);
        Assert.Equal(4, Of(Metric.Perplexity(fromLogits: true), [7, 7, 7, 7], [2], 4), 13);
        // The geometric mean of 1/p: 2 and 8 give 4.
        Assert.Equal(4, Of(Metric.Perplexity(), [0.5f, 0.5f, 0.875f, 0.125f], [0, 1], 2), 13);
    }

    [Fact]
    public void Perplexity_of_logits_and_soft_targets_agrees_with_the_definition()
    {
        double logSum = Math.Log(Math.Exp(1) + Math.Exp(-2) + Math.Exp(0.5));
        Assert.Equal(Math.Exp(logSum + 2), Of(Metric.Perplexity(fromLogits: true), [1, -2, 0.5f], [1], 3), 12);
        Assert.Equal(Math.Exp(1000), Of(Metric.Perplexity(fromLogits: true), [1000, 0], [1], 2));
        Metric soft = Metric.Perplexity(fromLogits: true);
        soft.Update([1, -2, 0.5f], [0.25f, 0, 0.75f], 1, 3, 3);
        Assert.Equal(Math.Exp(logSum - 0.25 - 0.375), soft.Result, 12);
        Assert.Equal(double.PositiveInfinity, Of(Metric.Perplexity(), [1, 0], [1], 2));
        Assert.Equal(1, Of(Metric.Perplexity(), [1, 0], [0], 2));
        Assert.True(double.IsNaN(Of(Metric.Perplexity(fromLogits: true), [1, float.NaN], [0], 2)));
    }

    [Fact]
    public void A_target_that_is_no_class_is_refused_with_its_row()
    {
        Assert.Contains("row 2: expected a class index from 0 to 2, or -100",
            Assert.Throws<ArgumentException>(() => Of(Metric.Accuracy(), [1, 2, 3, 1, 2, 3], [0, 3], 3)).Message);
        Assert.Throws<ArgumentException>(() => Of(Metric.Accuracy(), [1, 2, 3], [1.5f], 3));
        Assert.Throws<ArgumentException>(() => Of(Metric.Accuracy(), [1, 2, 3], [float.NaN], 3));
        Assert.Contains("a target from 0 to 1, received 2", Assert.Throws<ArgumentException>(() => Of(Metric.Accuracy(), [1], [2], 1)).Message);
        Assert.Contains("Choose macro or micro", Assert.Throws<ArgumentException>(() => Of(Metric.F1(Averaging.Binary), [1, 2, 3], [0], 3)).Message);
        Assert.Contains("expected 1 or 3 targets a row", Assert.Throws<ArgumentException>(() => Metric.Accuracy().Update(new float[3], new float[2], 1, 3, 2)).Message);
    }

    internal static double Of(Metric metric, float[] outputs, float[] targets, int outputsPerRow)
    {
        metric.Update(outputs, targets, outputs.Length / outputsPerRow, outputsPerRow, 1);
        return metric.Result;
    }
}

using Unroll.Losses;
using Unroll.Tensors;

namespace Unroll.Tests.Losses;

/// <summary>Names, the pairing with a last activation, and what is refused with which words.</summary>
public class LossMessageTests
{
    [Theory]
    [InlineData("mse", "mean_squared_error")]
    [InlineData("mean_squared_error", "mean_squared_error")]
    [InlineData("MAE", "mean_absolute_error")]
    [InlineData("huber", "huber")]
    [InlineData("categorical_crossentropy", "categorical_crossentropy")]
    [InlineData("sparse_categorical_crossentropy", "sparse_categorical_crossentropy")]
    [InlineData("binary_crossentropy", "binary_crossentropy")]
    [InlineData("poisson", "poisson")]
    [InlineData("kl_divergence", "kl_divergence")]
    [InlineData("quantile", "quantile")]
    public void A_loss_is_found_by_its_name(string name, string expected) => Assert.Equal(expected, Loss.FromName(name).Name);

    [Fact]
    public void An_unknown_name_is_refused_with_the_known_ones()
    {
        string message = Assert.Throws<ArgumentException>(() => Loss.FromName("crossentropy")).Message;
        Assert.Contains("Loss 'crossentropy' is not known", message, StringComparison.Ordinal);
        Assert.Contains("mse, mean_absolute_error", message, StringComparison.Ordinal);
        Assert.Contains("sparse_categorical_crossentropy", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("categorical_crossentropy", "softmax", true)]
    [InlineData("sparse_categorical_crossentropy", "softmax", true)]
    [InlineData("kl_divergence", "softmax", true)]
    [InlineData("binary_crossentropy", "sigmoid", true)]
    [InlineData("binary_crossentropy", "softmax", false)]
    [InlineData("sparse_categorical_crossentropy", "sigmoid", false)]
    [InlineData("poisson", "exponential", true)]
    [InlineData("mse", "softmax", false)]
    [InlineData("mse", "linear", true)]
    [InlineData("binary_crossentropy", "linear", true)]
    public void Losses_pair_with_their_activation(string loss, string activation, bool expected) =>
        Assert.Equal(expected, Loss.FromName(loss).Matches(activation));

    [Fact]
    public void An_ending_without_meaning_is_refused_and_others_pass()
    {
        string message = Assert.Throws<ArgumentException>(() => Loss.SparseCategoricalCrossEntropy().CheckEnding("sigmoid")).Message;
        Assert.Contains("Loss 'sparse_categorical_crossentropy': the model ends in 'sigmoid', expected 'softmax' or no activation; for independent yes-or-no outputs use binary_crossentropy.", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Loss.BinaryCrossEntropy().CheckEnding("softmax"));
        Loss.MeanSquaredError().CheckEnding("softmax");
        Loss.SparseCategoricalCrossEntropy().CheckEnding("linear");
        Assert.False(Loss.MeanSquaredError().TakesLogits);
        Assert.True(Loss.KullbackLeiblerDivergence().TakesLogits);
    }

    [Theory]
    [InlineData(3f, "batch row 1, step 2 is 3; expected a whole number from 0 to 2, or -100 to ignore it")]
    [InlineData(-1f, "batch row 1, step 2 is -1; expected")]
    [InlineData(0.5f, "batch row 1, step 2 is 0.5; expected")]
    [InlineData(float.NaN, "batch row 1, step 2 is NaN; expected")]
    public void A_target_out_of_range_is_named_with_row_and_step_dense_and_packed(float target, string expected)
    {
        float[] targets = [0, 1, 2, 0, 1, target];
        foreach (int[]? lengths in new[] { null, new[] { 1, 3 } })
            Assert.Contains(expected, Assert.Throws<ArgumentException>(() => LossRun.Of(
                Loss.SparseCategoricalCrossEntropy(), new float[18], [2, 3, 3], Tensor.FromArray(targets, 2, 3), null, lengths)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_without_time_is_named_with_its_row()
    {
        Assert.Contains("the target at batch row 1 is 9; expected", Message(Loss.SparseCategoricalCrossEntropy(), [2, 3], Tensor.FromArray([0, 9], 2)), StringComparison.Ordinal);
        Assert.Contains("the target at batch row 1 is 1.5; expected 0 to 1", Message(Loss.BinaryCrossEntropy(), [2, 1], Tensor.FromArray([0, 1.5f], 2)), StringComparison.Ordinal);
        Assert.Contains("the target at batch row 0 is -1; expected 0 to ", Message(Loss.PoissonNegativeLogLikelihood(), [2, 1], Tensor.FromArray([-1, 1.5f], 2)), StringComparison.Ordinal);
    }

    [Fact]
    public void Mismatched_shapes_are_refused_with_both()
    {
        Assert.Contains("Loss 'mean_squared_error': outputs [4, 5, 1] need targets [4, 5, 1] or [4, 5], received [4]. The targets seem to have no time axis",
            Message(Loss.MeanSquaredError(), [4, 5, 1], Tensor.Zeros(4)), StringComparison.Ordinal);
        Assert.Contains("outputs [4, 3] need targets [4, 1] or [4], received [4, 3]. If the targets are one-hot, use categorical_crossentropy",
            Message(Loss.SparseCategoricalCrossEntropy(), [4, 3], Tensor.Zeros(4, 3)), StringComparison.Ordinal);
        Assert.Contains("outputs [4, 3] need targets [4, 3], received [4, 2].", Message(Loss.CategoricalCrossEntropy(), [4, 3], Tensor.Zeros(4, 2)), StringComparison.Ordinal);
        Assert.Contains("outputs [4, 6] need targets [4, 2], received [4, 6].", Message(Loss.Quantile(0.1f, 0.5f, 0.9f), [4, 6], Tensor.Zeros(4, 6)), StringComparison.Ordinal);
        Assert.Contains("expected outputs [batch, …, H·3], 3 quantiles for each target; received [4, 5]", Message(Loss.Quantile(0.1f, 0.5f, 0.9f), [4, 5], Tensor.Zeros(4)), StringComparison.Ordinal);
        Assert.Contains("expected outputs [batch, …, 2·H]", Message(Loss.GaussianNegativeLogLikelihood(), [4, 3], Tensor.Zeros(4)), StringComparison.Ordinal);
        Assert.Contains("2 class weights were given, the outputs [4, 3] have 3 classes", Message(Loss.CategoricalCrossEntropy(0f, [1, 2]), [4, 3], Tensor.Zeros(4, 3)), StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_do_not_fit_are_refused()
    {
        Assert.Contains("expected weights [4], one a sample, or [4, 5], one a step; received [5]", Message(Loss.SparseCategoricalCrossEntropy(), [4, 5, 3], Tensor.Zeros(4, 5), Tensor.Zeros(5)), StringComparison.Ordinal);
        Assert.Contains("weights are finite and not negative; found -1", Message(Loss.MeanSquaredError(), [2, 1], Tensor.Zeros(2), Tensor.FromArray([1, -1], 2)), StringComparison.Ordinal);
        Assert.Contains("weights are finite and not negative; found NaN", Message(Loss.MeanSquaredError(), [2, 1], Tensor.Zeros(2), Tensor.FromArray([1, float.NaN], 2)), StringComparison.Ordinal);
    }

    [Fact]
    public void Different_lengths_are_refused_with_the_sequence()
    {
        Tensor targets = Tensor.Zeros(2, 3).WithLengths([3, 1]);
        Assert.Contains("sequence 1 has 2 steps in the outputs and 1 in the targets", Assert.Throws<ArgumentException>(() =>
            LossRun.Of(Loss.SparseCategoricalCrossEntropy(), new float[12], [2, 3, 2], targets, null, [3, 2])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Loss.Huber(0f));
        Assert.Throws<ArgumentOutOfRangeException>(() => Loss.CategoricalCrossEntropy(1f));
        Assert.Throws<ArgumentOutOfRangeException>(() => Loss.BinaryCrossEntropy(-0.1f));
        Assert.Contains("the weight of class 1 is -2", Assert.Throws<ArgumentException>(() => Loss.SparseCategoricalCrossEntropy(-100, 0f, [1, -2])).Message, StringComparison.Ordinal);
        Assert.Contains("received 1.5", Assert.Throws<ArgumentException>(() => Loss.Quantile(0.5f, 1.5f)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Loss.Quantile());
    }

    private static string Message(Loss loss, int[] shape, Tensor targets, Tensor? weights = null) =>
        Assert.Throws<ArgumentException>(() => LossRun.Of(loss, new float[shape.Aggregate(1, (a, b) => a * b)], shape, targets, weights)).Message;
}

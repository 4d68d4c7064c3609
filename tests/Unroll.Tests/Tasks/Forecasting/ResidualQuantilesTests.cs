using Unroll.Tasks;

namespace Unroll.Tests.Tasks.Forecasting;

public class ResidualQuantilesTests
{
    private static readonly double[] s_levels = [0.1, 0.5, 0.9];

    [Fact]
    public void Many_windows_give_each_step_the_quantiles_of_its_own_residuals()
    {
        // Step 0 has 0² … 100² in some order, step 1 their negatives: ranks 10, 50 and 90 of 0 … 100.
        double[] residuals = new double[202];
        for (int n = 0; n <= 100; n++)
        {
            double value = n * 37 % 101;
            (residuals[2 * n], residuals[2 * n + 1]) = (value * value, -value * value);
        }
        double[][] offsets = ResidualQuantiles.Of(residuals, [], 2, s_levels);
        Assert.Equal([100, 2500, 8100], offsets[0]);
        Assert.Equal([-8100, -2500, -100], offsets[1]);
    }

    [Fact]
    public void Few_windows_count_with_both_signs()
    {
        // ±1 … ±10 for step 0, ±101 … ±110 for step 1: numpy.quantile(…, [0.1, 0.5, 0.9]) is ∓8.1, 0 and ∓108.1, 0.
        double[] residuals = [.. Enumerable.Range(1, 10).SelectMany(i => (double[])[i, 100 + i])];
        double[][] offsets = ResidualQuantiles.Of(residuals, [], 2, s_levels);
        Assert.Equal([-8.1, 0, 8.1], offsets[0].Select(value => Math.Round(value, 12)));
        Assert.Equal([-108.1, 0, 108.1], offsets[1].Select(value => Math.Round(value, 12)));
    }

    [Fact]
    public void Few_windows_give_quantiles_no_narrower_than_the_training_residuals()
    {
        // ±1 … ±10 for step 0 and ±101 … ±110 for step 1, as above; in training ±2 … ±20 and ±10.
        double[] residuals = [.. Enumerable.Range(1, 10).SelectMany(i => (double[])[i, 100 + i])];
        double[] training = [.. Enumerable.Range(1, 10).SelectMany(i => (double[])[2 * i, 10])];
        double[][] offsets = ResidualQuantiles.Of(residuals, training, 2, s_levels);
        Assert.Equal([-16.2, 0, 16.2], offsets[0].Select(value => Math.Round(value, 12)));
        Assert.Equal([-108.1, 0, 108.1], offsets[1].Select(value => Math.Round(value, 12)));
        // With a hundred windows of validation those of training change nothing.
        double[] many = [.. Enumerable.Range(0, 101).Select(i => (double)i)];
        Assert.Equal([10, 50, 90], ResidualQuantiles.Of(many, [1000, -1000], 1, s_levels)[0]);
    }

    [Fact]
    public void Very_few_windows_share_the_residuals_of_all_steps()
    {
        // −4, −3, −2, 2, 3, 4: place 0.5 from the end.
        double[][] offsets = ResidualQuantiles.Of([2, -3, 4], [], 3, s_levels);
        foreach (double[] row in offsets) Assert.Equal([-3.5, 0, 3.5], row.Select(value => Math.Round(value, 12)));
    }
}

using Unroll.Tasks;

namespace Unroll.Tests.Tasks.Forecasting;

public class ResidualQuantilesTests
{
    [Fact]
    public void Offsets_lie_between_the_order_statistics_of_their_own_step()
    {
        // Steps 0 and 1 of five windows; numpy.quantile([1, 2, 4, 8, 16], [0.1, 0.5, 0.9]) is 1.4, 4, 12.8.
        double[] residuals = [16, -1, 1, -2, 4, -4, 2, -8, 8, -16];
        double[][] offsets = ResidualQuantiles.Of(residuals, 2, [0.1, 0.5, 0.9]);
        Assert.Equal([1.4, 4, 12.8], offsets[0].Select(value => Math.Round(value, 12)));
        Assert.Equal([-12.8, -4, -1.4], offsets[1].Select(value => Math.Round(value, 12)));
    }

    [Fact]
    public void One_residual_is_every_quantile() => Assert.Equal([3, 3], ResidualQuantiles.Of([3], 1, [0.1, 0.9])[0]);
}

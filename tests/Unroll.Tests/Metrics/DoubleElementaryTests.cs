using Unroll.Metrics;

namespace Unroll.Tests.Metrics;

public class DoubleElementaryTests
{
    [Fact]
    public void Exp_agrees_with_the_platform_within_two_units()
    {
        for (double x = -744; x < 709.7; x += 0.3717) Near(Math.Exp(x), DoubleElementary.Exp(x), x);
        for (double x = -1; x < 1; x += 0.00137) Near(Math.Exp(x), DoubleElementary.Exp(x), x);
    }

    [Fact]
    public void Log_agrees_with_the_platform_within_two_units()
    {
        for (double x = 1e-320; x < 1e300; x *= 1.7331) Near(Math.Log(x), DoubleElementary.Log(x), x);
        for (double x = 0.5; x < 2; x += 0.00037) Near(Math.Log(x), DoubleElementary.Log(x), x);
    }

    [Fact]
    public void Special_values_are_those_of_the_definition()
    {
        Assert.Equal(1, DoubleElementary.Exp(0));
        Assert.Equal(0, DoubleElementary.Exp(double.NegativeInfinity));
        Assert.Equal(double.PositiveInfinity, DoubleElementary.Exp(710));
        Assert.Equal(0, DoubleElementary.Log(1));
        Assert.Equal(double.NegativeInfinity, DoubleElementary.Log(0));
        Assert.Equal(double.PositiveInfinity, DoubleElementary.Log(double.PositiveInfinity));
        Assert.True(double.IsNaN(DoubleElementary.Log(-1)));
        Assert.True(double.IsNaN(DoubleElementary.Exp(double.NaN)));
        Assert.True(double.IsNaN(DoubleElementary.Log(double.NaN)));
    }

    private static void Near(double expected, double found, double x)
    {
        double unit = Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected);
        Assert.True(Math.Abs(expected - found) <= 2 * unit, $"x = {x:R}: expected {expected:R}, found {found:R}");
    }
}

using Unroll.Kernels.Scalars;

namespace Unroll.Tests.Kernels.Scalars;

public sealed class ScalarMathTests
{
    [Fact]
    public void Exponentials_agree_with_the_platform()
    {
        for (double x = -745; x < 709; x += 0.37)
        {
            double expected = Math.Exp(x);
            Assert.True(Math.Abs(ScalarMath.Exp(x) - expected) <= 4e-15 * expected + 5e-324, $"{x:R}");
        }
        Assert.Equal((1.0, 0.0, double.PositiveInfinity), (ScalarMath.Exp(0), ScalarMath.Exp(-1e9), ScalarMath.Exp(1e9)));
    }

    [Fact]
    public void Logarithms_agree_with_the_platform()
    {
        for (double x = 1e-320; x < 1e308; x *= 1.37)
            Assert.True(Math.Abs(ScalarMath.Log(x) - Math.Log(x)) <= 4e-15 * Math.Abs(Math.Log(x)), $"{x:R}");
        foreach (double x in new[] { 1 - 1e-12, 1 + 1e-12, 0.999999, 1.4142135623730951, 1.4142135623730954 })
            Assert.Equal(1, ScalarMath.Log(x) / Math.Log(x), 4e-15);
        Assert.Equal((0.0, double.NegativeInfinity), (ScalarMath.Log(1), ScalarMath.Log(0)));
        Assert.True(double.IsNaN(ScalarMath.Log(-1)));
    }

    [Fact]
    public void Cosines_agree_with_the_platform()
    {
        for (int i = 0; i <= 1000; i++)
            Assert.Equal(Math.Cos(Math.PI * i / 1000), ScalarMath.CosineOfHalfTurn(i / 1000.0), 1e-15);
        Assert.Equal((1.0, -1.0), (ScalarMath.CosineOfHalfTurn(0), ScalarMath.CosineOfHalfTurn(1)));
    }

    [Fact]
    public void Powers_agree_with_the_platform()
    {
        foreach (double x in new[] { 0.5, 0.96, 1.0001, 3 })
            foreach (int exponent in new[] { 0, 1, 2, 7, 100 })
            {
                Assert.Equal(1, ScalarMath.WholePower(x, exponent) / Math.Pow(x, exponent), 2e-14);
                Assert.Equal(1, ScalarMath.Power(x, exponent * 0.75) / Math.Pow(x, exponent * 0.75), 2e-14);
            }
        Assert.Equal((1.0, 0.0), (ScalarMath.Power(0, 0), ScalarMath.Power(0, 0.5)));
    }
}

using Unroll.Cli.Forecasting;

namespace Unroll.Tests.Cli.Forecasting;

public class TestSizeTests
{
    [Theory]
    [InlineData("36", 36)]
    [InlineData("0", 0)]
    [InlineData("0.2", 29)]   // of 144 rows 28.8
    [InlineData("0.01", 12)]  // at least the horizon
    [InlineData("0.0", 0)]
    public void Rows_and_shares_are_told_apart(string text, int rows)
    {
        Assert.True(TestSize.TryParse(text, out TestSize size));
        Assert.Equal(rows, size.Of(144, 12));
    }

    [Theory]
    [InlineData("-3")]
    [InlineData("1.0")]
    [InlineData("0,2")]
    [InlineData("20%")]
    [InlineData("")]
    public void Another_text_is_no_size(string text) => Assert.False(TestSize.TryParse(text, out _));
}

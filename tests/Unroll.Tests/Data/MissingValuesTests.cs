using Unroll.Data;

namespace Unroll.Tests.Data;

public class MissingValuesTests
{
    private static float[] Gaps() => [float.NaN, 2, float.NaN, float.NaN, 8, 5, float.NaN];

    [Fact]
    public void Previous_takes_the_last_known_value_and_the_first_one_at_the_start()
    {
        float[] values = Gaps();
        Assert.Equal(4, MissingValues.Fill(values, MissingValuePolicy.Previous, "x"));
        Assert.Equal([2, 2, 2, 2, 8, 5, 5], values);
    }

    [Fact]
    public void Linear_draws_a_line_between_neighbours_and_holds_the_ends()
    {
        float[] values = Gaps();
        Assert.Equal(4, MissingValues.Fill(values, MissingValuePolicy.Linear, "x"));
        Assert.Equal([2, 2, 4, 6, 8, 5, 5], values);
    }

    [Fact]
    public void Zero_fills_zero_and_leaves_the_rest()
    {
        float[] values = Gaps();
        Assert.Equal(4, MissingValues.Fill(values, MissingValuePolicy.Zero, "x"));
        Assert.Equal([0, 2, 0, 0, 8, 5, 0], values);
    }

    [Fact]
    public void A_gap_is_refused_by_default_with_its_column_row_and_number()
    {
        var error = Assert.Throws<ArgumentException>(() => new TimeSeries("sales", [1, 2, float.NaN, float.NaN]));
        Assert.Contains("Column 'sales', row 3: expected a number, found none (NaN); 2 of 4 rows", error.Message);
    }

    [Theory]
    [InlineData(float.PositiveInfinity, "found infinity")]
    [InlineData(float.NegativeInfinity, "found -infinity")]
    public void An_infinity_is_refused_under_every_policy(float infinity, string found)
    {
        foreach (MissingValuePolicy policy in Enum.GetValues<MissingValuePolicy>())
        {
            var error = Assert.Throws<ArgumentException>(() => MissingValues.Fill(new float[] { 1, infinity }, policy, "x"));
            Assert.Contains("'x', row 2", error.Message);
            Assert.Contains(found, error.Message);
        }
    }

    [Fact]
    public void Nothing_but_gaps_cannot_be_filled_from_neighbours()
    {
        float[] values = [float.NaN, float.NaN];
        Assert.Contains("all 2 rows", Assert.Throws<ArgumentException>(() => MissingValues.Fill(values, MissingValuePolicy.Linear, "x")).Message);
        Assert.Equal(2, MissingValues.Fill(values, MissingValuePolicy.Zero, "x"));
    }
}

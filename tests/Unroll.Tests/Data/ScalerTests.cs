using System.Text.Json.Nodes;
using Unroll.Data;

namespace Unroll.Tests.Data;

public class ScalerTests
{
    [Fact]
    public void Standard_takes_the_mean_and_the_population_deviation()
    {
        // Mean 5, squared deviations 9+1+1+1+0+0+4+16 = 32 of 8 rows: deviation 2 (with n − 1 it would be 2.138).
        StandardScaler scaler = StandardScaler.Fit([2, 4, 4, 4, 5, 5, 7, 9]);
        Assert.Equal(5, scaler.Offset);
        Assert.Equal(2, scaler.Scale);
        Assert.Equal(-1.5f, scaler.Transform(2));
        Assert.Equal(9, scaler.Inverse(2));
    }

    [Fact]
    public void Min_max_fills_nought_to_one()
    {
        MinMaxScaler scaler = MinMaxScaler.Fit([3, -1, 7, 0]);
        Assert.Equal([0.5f, 0, 1, 0.125f], Map([3, -1, 7, 0]));
        Assert.Equal(15, scaler.Inverse(2));

        float[] Map(float[] values)
        {
            scaler.Transform(values, values);
            return values;
        }
    }

    [Fact]
    public void A_constant_column_becomes_zero_and_comes_back_exactly()
    {
        float[] constant = [0.1f, 0.1f, 0.1f, 0.1f, 0.1f, 0.1f, 0.1f];
        foreach (Scaler scaler in new Scaler[] { StandardScaler.Fit(constant), MinMaxScaler.Fit(constant) })
        {
            Assert.Equal(1, scaler.Scale);
            Assert.Equal(0, scaler.Transform(0.1f));
            Assert.Equal(0.1f, scaler.Inverse(0));
        }
    }

    [Fact]
    public void A_scaler_comes_back_from_json_to_the_bit()
    {
        foreach (Scaler scaler in new[] { StandardScaler.Fit([0.1f, 0.7f, 1 / 3f]), MinMaxScaler.Fit([0.1f, 0.7f]), Scaler.Identity })
        {
            Scaler back = Scaler.FromJson(JsonNode.Parse(scaler.ToJson().ToJsonString()));
            Assert.Equal(scaler.GetType(), back.GetType());
            Assert.Equal(BitConverter.DoubleToInt64Bits(scaler.Offset), BitConverter.DoubleToInt64Bits(back.Offset));
            Assert.Equal(BitConverter.DoubleToInt64Bits(scaler.Scale), BitConverter.DoubleToInt64Bits(back.Scale));
        }
    }

    [Theory]
    [InlineData("""{"kind":"log","offset":0,"scale":1}""", "'log' is unknown")]
    [InlineData("""{"kind":"standard","offset":0}""", "'scale' is absent")]
    [InlineData("""{"kind":"standard","offset":0,"scale":0}""", "scale above 0")]
    [InlineData("""{"kind":3,"offset":0,"scale":1}""", "'kind' is absent or not text")]
    [InlineData("""{"kind":"standard","offset":"x","scale":1}""", "'offset' is absent or not a number")]
    [InlineData("[]", "expected a JSON object")]
    public void A_damaged_scaler_is_refused_with_its_field(string json, string message)
        => Assert.Contains(message, Assert.Throws<FormatException>(() => Scaler.FromJson(JsonNode.Parse(json))).Message);

    [Fact]
    public void Fitting_refuses_nothing_and_what_is_not_finite()
    {
        Assert.Contains("no values", Assert.Throws<ArgumentException>(() => StandardScaler.Fit([])).Message);
        Assert.Contains("row 2", Assert.Throws<ArgumentException>(() => MinMaxScaler.Fit([1, float.NaN])).Message);
    }
}

using System.Globalization;
using Unroll.Cli.Demo;

namespace Unroll.Tests.Cli.Demo;

public class DemoSeriesTests
{
    [Fact]
    public void Airline_passengers_have_the_sums_of_the_published_years()
    {
        int[] years = [1520, 1676, 2042, 2364, 2700, 2867, 3408, 3939, 4421, 4572, 5140, 5714];
        Assert.Equal(144, AirlinePassengers.Values.Length);
        Assert.Equal(years, AirlinePassengers.Values.Chunk(12).Select(year => (int)year.Sum()));
        Assert.Equal(new DateTime(1960, 12, 1), AirlinePassengers.Dates()[^1]);
    }

    // Values of an independent program in double precision: the documented formula with the C library's sine.
    [Theory]
    [InlineData(0, 102.563827)]
    [InlineData(1, 106.422544)]
    [InlineData(2, 110.304087)]
    [InlineData(3, 117.396194)]
    [InlineData(23, 96.172897)]
    [InlineData(24, 101.050798)]
    [InlineData(100, 116.055636)]
    [InlineData(167, 99.518273)]
    [InlineData(168, 102.136374)]
    [InlineData(1000, 91.875146)]
    [InlineData(2000, 135.869288)]
    public void The_generated_series_follows_its_formula(int t, double expected) =>
        Assert.Equal(expected, GeneratedSeries.Create(2001, seed: 1)[t], 1e-5);

    [Fact]
    public void Another_seed_gives_other_noise_and_a_longer_series_starts_the_same()
    {
        Assert.Equal(106.444509, GeneratedSeries.Create(2, seed: 7)[1], 1e-5);
        Assert.Equal(GeneratedSeries.Create(50, 3), GeneratedSeries.Create(80, 3)[..50]);
        Assert.Equal(new DateTime(2024, 1, 2, 1, 0, 0), GeneratedSeries.Dates(26)[25]);
        Assert.Throws<ArgumentOutOfRangeException>(() => GeneratedSeries.Create(0, 1));
    }
}

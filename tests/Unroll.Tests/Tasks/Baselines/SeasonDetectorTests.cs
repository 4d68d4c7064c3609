using Unroll.Data;
using Unroll.Tasks;
using Unroll.Tests.Support;

namespace Unroll.Tests.Tasks.Baselines;

public class SeasonDetectorTests
{
    private static readonly TimeStep Hour = TimeStep.Every(TimeSpan.FromHours(1)), Day = TimeStep.Every(TimeSpan.FromDays(1));

    private static float[] Make(int count, Func<int, double> formula) => [.. Enumerable.Range(0, count).Select(i => (float)formula(i))];

    [Fact]
    public void Steps_suggest_their_usual_periods()
    {
        Assert.Equal([24, 168], SeasonDetector.Candidates(Hour));
        Assert.Equal([7, 365], SeasonDetector.Candidates(Day));
        Assert.Equal([52], SeasonDetector.Candidates(TimeStep.Every(TimeSpan.FromDays(7))));
        Assert.Equal([12], SeasonDetector.Candidates(TimeStep.EveryMonths(1)));
        Assert.Equal([4], SeasonDetector.Candidates(TimeStep.EveryMonths(3)));
        Assert.Equal([4, 96, 672], SeasonDetector.Candidates(TimeStep.Every(TimeSpan.FromMinutes(15))));
        Assert.Empty(SeasonDetector.Candidates(TimeStep.EveryMonths(12)));
    }

    [Fact]
    public void A_day_is_found_on_a_trend_and_a_week_only_where_days_differ()
    {
        Assert.Equal(24, SeasonDetector.Detect(Make(1000, i => 5 * i + 300 * Math.Sin(i * Math.Tau / 24)), Hour));
        Assert.Equal(168, SeasonDetector.Detect(Make(1000, i => Math.Sin(i * Math.Tau / 24) * (i / 24 % 7 < 5 ? 1 : 0.1)), Hour));
        Assert.Equal(7, SeasonDetector.Detect(Make(100, i => i % 7 < 5 ? 10 : 3), Day));
    }

    [Fact]
    public void No_season_is_found_in_noise_a_walk_a_line_or_a_constant()
    {
        for (uint seed = 1; seed <= 20; seed++)
        {
            uint state = seed * 2654435761;
            double sum = 0;
            double Next()
            {
                double value = 0;
                for (int i = 0; i < 4; i++)
                {
                    state = state * 1664525 + 1013904223;
                    value += (state >> 8) / (double)(1 << 23) - 1;
                }
                return value;
            }
            float[] noise = Make(500, _ => Next()), walk = Make(500, _ => sum += Next());
            Assert.Equal(1, SeasonDetector.Detect(noise, Hour));
            Assert.Equal(1, SeasonDetector.Detect(noise));
            Assert.Equal(1, SeasonDetector.Detect(walk, Hour));
        }
        Assert.Equal(1, SeasonDetector.Detect(Make(500, i => 3 * i + 1), Hour));
        Assert.Equal(1, SeasonDetector.Detect(Make(500, _ => 0.1), Hour));
        Assert.Equal(1, SeasonDetector.Detect([]));
    }

    [Fact]
    public void A_scan_finds_an_unusual_period_and_not_its_multiple()
    {
        Assert.Equal(17, SeasonDetector.Detect(Make(400, i => Math.Sin(i * Math.Tau / 17) + 0.3 * Math.Sin(2.3 * i * i))));
        Assert.Equal(5, SeasonDetector.DetectAmong(Make(100, i => i % 5), [5, 10]));
        Assert.Equal(1, SeasonDetector.DetectAmong(Make(14, i => i % 5), [5])); // less than three seasons
        Assert.Equal(5, SeasonDetector.DetectAmong(Make(30, i => i % 5), [5]));
    }

    [SharedDataFact("univariate/airline-passengers.csv", "univariate/daily-min-temperatures.csv", "univariate/monthly-sunspots.csv", "ett/ETTh1.csv.gz")]
    public void Real_series_have_the_seasons_they_are_known_for()
    {
        Assert.Equal(12, SeasonDetector.Detect(SharedData.Column("univariate/airline-passengers.csv", "Passengers").AsSpan(0, 96), TimeStep.EveryMonths(1)));
        Assert.Equal(365, SeasonDetector.Detect(SharedData.Column("univariate/daily-min-temperatures.csv", "Temp").AsSpan(0, 2445), Day));
        // The solar cycle of about eleven years is no season of months.
        Assert.Equal(1, SeasonDetector.Detect(SharedData.Column("univariate/monthly-sunspots.csv", "Sunspots").AsSpan(0, 1889), TimeStep.EveryMonths(1)));
        Assert.Equal(24, SeasonDetector.Detect(SharedData.Column("ett/ETTh1.csv.gz", "HUFL").AsSpan(0, 8640), Hour));
    }
}

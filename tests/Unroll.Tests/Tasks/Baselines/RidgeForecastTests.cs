using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Tests.Tasks.Baselines;

public class RidgeForecastTests
{
    private static readonly WindowOptions TwoToTwo = new() { InputLength = 2, Horizon = 2 };

    [Fact]
    public void Cholesky_solves_a_system_with_a_known_answer()
    {
        // [4 2 −2; 2 10 4; −2 4 9] x = [2; 34; 33] has x = [1; 2; 3].
        double[] matrix = [4, 0, 0, 2, 10, 0, -2, 4, 9], x = [2, 34, 33];
        Assert.True(CholeskySolver.Factorise(matrix, 3));
        Assert.Equal([2, 1, 3], new[] { matrix[0], matrix[3], matrix[4] });
        CholeskySolver.Solve(matrix, 3, x);
        for (int i = 0; i < 3; i++) Assert.Equal(i + 1, x[i], 13);
        Assert.False(CholeskySolver.Factorise([1, 0, 1, 1], 2));
    }

    [Fact]
    public void Without_penalty_it_finds_the_recurrence_that_made_the_series()
    {
        // y(t) = 10 + 0.5 y(t−1) − 0.7 y(t−2): one and two steps ahead in closed form.
        float[] values = new float[60];
        (values[0], values[1]) = (3, 40);
        for (int t = 2; t < values.Length; t++) values[t] = (float)(10 + 0.5 * values[t - 1] - 0.7 * values[t - 2]);
        var series = new TimeSeries("y", values);
        RidgeForecast ridge = RidgeForecast.Fit(new WindowSet(TwoToTwo, [new WindowPart(series, 0, 30)]), 0);
        double[] expected = [-0.7, 0.5, -0.35, 0.25 - 0.7];
        for (int i = 0; i < 4; i++) Assert.Equal(expected[i], ridge.Coefficients[i], 5);
        Assert.Equal(10, ridge.Intercepts[0], 4);
        Assert.Equal(15, ridge.Intercepts[1], 4);
        float[] forecast = BaselineTests.Forecast(ridge, series, 40, 2);
        Assert.Equal(values[40], forecast[0], 4);
        Assert.Equal(values[41], forecast[1], 4);
    }

    [Fact]
    public void One_feature_shrinks_by_the_closed_form_and_the_intercept_does_not()
    {
        // Standardised, b = mean(z y) / (1 + penalty): the slope is the least-squares slope over 1 + penalty, and the
        // line still goes through the means.
        float[] values = [2, 5, 3, 8, 4, 9, 1, 7];
        var windows = new WindowSet(new WindowOptions { InputLength = 1, Horizon = 1 }, [new WindowPart(new TimeSeries("y", values), 0, 8)]);
        double meanX = values[..7].Average(x => (double)x), meanY = values[1..].Average(y => (double)y), xy = 0, xx = 0;
        for (int i = 0; i < 7; i++)
        {
            xy += (values[i] - meanX) * (values[i + 1] - meanY);
            xx += (values[i] - meanX) * (values[i] - meanX);
        }
        foreach (double penalty in new[] { 0, 0.25, 3 })
        {
            RidgeForecast ridge = RidgeForecast.Fit(windows, penalty);
            Assert.Equal(xy / xx / (1 + penalty), ridge.Coefficients[0], 13);
            Assert.Equal(meanY, ridge.Intercepts[0] + ridge.Coefficients[0] * meanX, 13);
        }
    }

    [Fact]
    public void Columns_seen_and_columns_known_in_future_enter_at_their_rows()
    {
        // y(t) = 3 seen(t−1) − 2 plan(t) + 1, from numbers that do not depend on one another.
        float[] seen = Noise(80, 1), plan = Noise(83, 2), values = new float[80];
        for (int t = 1; t < 80; t++) values[t] = 3 * seen[t - 1] - 2 * plan[t] + 1;
        var series = new TimeSeries("y", values, [new Covariate("seen", seen), new Covariate("plan", plan, knownInFuture: true)]);
        var windows = new WindowSet(new WindowOptions { InputLength = 1, Horizon = 1 }, [new WindowPart(series, 0, 80)]);
        RidgeForecast ridge = RidgeForecast.Fit(windows, 0);
        double[] expected = [0, 3, 0, -2]; // y, seen, plan of the row before; plan of the row itself
        for (int p = 0; p < 4; p++) Assert.Equal(expected[p], ridge.Coefficients[p], 5);
        // Behind the series' end, where only the plan is known.
        Assert.Equal(3 * seen[79] - 2 * plan[80] + 1, BaselineTests.Forecast(ridge, series, 80, 1)[0], 4);
        Assert.Contains("fitted on 2 covariates", Assert.Throws<ArgumentException>(() => BaselineTests.Forecast(ridge, new TimeSeries("y", values), 80, 1)).Message);
        TimeSeries short_ = new("y", values, [new Covariate("seen", seen), new Covariate("plan", plan.AsSpan(0, 80), knownInFuture: true)]);
        Assert.Contains("'plan' is known in future and ends at row 80; a forecast from row 81 needs it to row 81",
            Assert.Throws<ArgumentException>(() => BaselineTests.Forecast(ridge, short_, 80, 1)).Message);
    }

    [Fact]
    public void A_constant_series_is_forecast_as_its_constant_and_dependent_features_are_refused()
    {
        var constant = new TimeSeries("y", [7, 7, 7, 7, 7, 7, 7, 7]);
        RidgeForecast ridge = RidgeForecast.Fit(new WindowSet(TwoToTwo, [new WindowPart(constant, 0, 8)]), 0);
        Assert.Equal([7, 7], BaselineTests.Forecast(ridge, constant, 8, 2));
        var line = new TimeSeries("y", [1, 2, 3, 4, 5, 6, 7, 8]);
        var windows = new WindowSet(TwoToTwo, [new WindowPart(line, 0, 8)]);
        Assert.Contains("Give a larger penalty", Assert.Throws<ArgumentException>(() => RidgeForecast.Fit(windows, 0)).Message);
        Assert.Equal(9, BaselineTests.Forecast(RidgeForecast.Fit(windows, 1e-6), line, 8, 1)[0], 3);
    }

    [Fact]
    public void The_penalty_chosen_is_the_one_of_least_validation_error()
    {
        var series = new TimeSeries("y", [.. Noise(60, 3).Select((e, t) => e + MathF.Sin(t / 2f))]);
        var options = new WindowOptions { InputLength = 12, Horizon = 1 };
        ChronologicalSplit split = ChronologicalSplit.ByCounts(35, 25, 0, 60);
        WindowSet training = new(options, series, split, SplitPart.Training), validation = new(options, series, split, SplitPart.Validation);
        double[] errors = [.. RidgeForecast.PenaltyGrid.Select(penalty =>
        {
            RidgeForecast fit = RidgeForecast.Fit(training, penalty);
            return Enumerable.Range(35, 25).Sum(t => Math.Pow(series.Values[t] - BaselineTests.Forecast(fit, series, t, 1)[0], 2));
        })];
        int best = Array.IndexOf(errors, errors.Min());
        Assert.InRange(best, 1, errors.Length - 2); // inside, so that either end would be wrong
        Assert.Equal(RidgeForecast.PenaltyGrid[best], RidgeForecast.Choose(training, validation).Penalty);
    }

    private static float[] Noise(int count, uint seed)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            seed = seed * 1664525 + 1013904223;
            values[i] = (seed >> 8) / (float)(1 << 23) - 1;
        }
        return values;
    }
}

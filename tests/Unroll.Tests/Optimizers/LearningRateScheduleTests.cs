using Unroll.Optimizers;

namespace Unroll.Tests.Optimizers;

public sealed class LearningRateScheduleTests
{
    [Fact]
    public void Step_decay_multiplies_after_every_so_many_steps() =>
        Check(new StepDecay(0.8f, every: 3, factor: 0.3), step => 0.8f * Math.Pow(0.3, Math.Floor(step / 3.0)), 0, 1, 2, 3, 5, 6, 20);

    [Fact]
    public void Exponential_decay_falls_between_steps_too() =>
        Check(new ExponentialDecay(0.1f, 1000, 0.96), step => 0.1f * Math.Pow(0.96, step / 1000.0), 0, 1, 500, 1000, 123456);

    [Fact]
    public void Cosine_decay_falls_to_its_share_and_stays() =>
        Check(new CosineDecay(0.2f, 50, 0.1), step => 0.2f * (0.9 * 0.5 * (1 + Math.Cos(Math.PI * Math.Min(step, 50) / 50.0)) + 0.1), 0, 1, 10, 25, 26, 49, 50, 1000);

    [Fact]
    public void Warm_up_rises_in_a_line_to_the_schedule_that_follows()
    {
        var schedule = new WarmUp(new StepDecay(1f, 2, 0.5), 4);
        Assert.Equal([0.25f, 0.5f, 0.75f, 1f, 1f, 1f, 0.5f, 0.5f, 0.25f], Enumerable.Range(0, 9).Select(step => schedule.At(step)));
        var flat = new WarmUp(0.5f, 2);
        Assert.Equal([0.25f, 0.5f, 0.5f, 0.5f], Enumerable.Range(0, 4).Select(step => flat.At(step)));
    }

    [Fact]
    public void One_cycle_rises_and_falls_along_cosines()
    {
        // The published formula: half a cosine between the phases' ends, which are at 0.3·20 − 1 = 5 and 19.
        double Expected(long step) => step <= 5
            ? 1 + (0.04 - 1) / 2 * (1 + Math.Cos(Math.PI * step / 5))
            : 4e-6 + (1 - 4e-6) / 2 * (1 + Math.Cos(Math.PI * Math.Min(step - 5, 14) / 14.0));
        Check(new OneCycle(1f, 20), Expected, 0, 1, 3, 5, 6, 10, 18, 19, 40);
        Assert.Equal(0.04f, new OneCycle(1f, 20).At(0), 1e-8f);
        foreach (double share in new[] { 0, 0.05, 1 })
            for (int step = 0; step < 25; step++)
                Assert.InRange(new OneCycle(1f, 20, share).At(step), 0f, 1f);
    }

    [Fact]
    public void Plateau_waits_reduces_cools_and_stops_at_the_minimum()
    {
        var plateau = new ReduceOnPlateau(1f, new() { Factor = 0.5, Patience = 2, Cooldown = 2, MinimumDelta = 0.1, MinimumRate = 0.3f });
        // Improvement; too little twice: falls; two cooling reports (the second counts again as in Keras); falls to the minimum.
        double[] metrics = [5, 4.95, 4.92, 4.91, 4.91, 4.91, 4.91, 3, 3, 3, 3, 3, 3, 3, 3];
        Assert.Equal(
            [1f, 1f, 0.5f, 0.5f, 0.5f, 0.3f, 0.3f, 0.3f, 0.3f, 0.3f, 0.3f, 0.3f, 0.3f, 0.3f, 0.3f],
            metrics.Select(plateau.Report));
    }

    [Fact]
    public void Plateau_may_watch_a_rising_metric_and_resumes_from_its_state()
    {
        var options = new ReduceOnPlateauOptions { Mode = PlateauMode.Maximize, Patience = 3 };
        var first = new ReduceOnPlateau(1f, options);
        foreach (double metric in new[] { 0.5, 0.6, double.NaN, 0.55 }) Assert.Equal(1f, first.Report(metric));
        var second = new ReduceOnPlateau(9f, options) { State = first.State };
        Assert.Equal((0.6, 2, 0, 1f), second.State);
        Assert.Equal(0.1f, second.Report(0.6));
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new StepDecay(1f, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExponentialDecay(1f, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineDecay(1f, 1, 1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WarmUp(1f, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OneCycle(1f, 5, -0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineDecay(1f, 1).At(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReduceOnPlateau(1f, new() { Factor = 1 }));
    }

    private static void Check(LearningRateSchedule schedule, Func<long, double> expected, params long[] steps)
    {
        foreach (long step in steps)
        {
            double wanted = expected(step);
            Assert.True(Math.Abs(schedule.At(step) - wanted) <= 1e-7 * Math.Abs(wanted), FormattableString.Invariant($"step {step}: expected {wanted}, received {schedule.At(step)}"));
        }
    }
}

using Unroll.Data;

namespace Unroll.Tests.Data;

public class WindowSetTests
{
    private static readonly WindowOptions ThreeToTwo = new() { InputLength = 3, Horizon = 2 };

    private static TimeSeries Counting(int count) => new("y", [.. Enumerable.Range(0, count).Select(i => (float)i)]);

    [Fact]
    public void Windows_of_each_part_have_the_origins_worked_out_by_hand()
    {
        // Rows 0-9 training, 10-13 validation, 14-16 test. Inputs take 3 rows, targets 2.
        TimeSeries series = Counting(18);
        ChronologicalSplit split = ChronologicalSplit.ByCounts(10, 4, 3, 18);
        Assert.Equal([3, 4, 5, 6, 7, 8], Origins(new WindowSet(ThreeToTwo, series, split, SplitPart.Training)));
        Assert.Equal([10, 11, 12], Origins(new WindowSet(ThreeToTwo, series, split, SplitPart.Validation)));
        Assert.Equal([14, 15], Origins(new WindowSet(ThreeToTwo, series, split, SplitPart.Test)));
        Assert.Equal([3, 6], Origins(new WindowSet(ThreeToTwo with { Stride = 3 }, series, split, SplitPart.Training)));
        Assert.Equal([3, 8], Origins(new WindowSet(ThreeToTwo with { Stride = 5 }, series, split, SplitPart.Training)));
    }

    [Fact]
    public void A_batch_holds_target_and_columns_of_each_window()
    {
        var series = new TimeSeries("y", [0, 1, 2, 3, 4, 5],
            [new Covariate("seen", [10, 11, 12, 13, 14, 15]), new Covariate("plan", [20, 21, 22, 23, 24, 25], knownInFuture: true)]);
        var windows = new WindowSet(ThreeToTwo, [new WindowPart(series, 0, 6)]);
        Assert.Equal((2, 3, 1), (windows.Count, windows.Features, windows.FutureFeatures));
        (float[] inputs, float[] targets, float[] future) = (new float[18], new float[4], new float[4]);
        windows.Fill([1, 0], inputs, targets);
        windows.FillFuture([1, 0], future);
        Assert.Equal([1, 11, 21, 2, 12, 22, 3, 13, 23, 0, 10, 20, 1, 11, 21, 2, 12, 22], inputs);
        Assert.Equal([4, 5, 3, 4], targets);
        Assert.Equal([24, 25, 23, 24], future);
        Assert.Contains("[2, 3, 3], 18 numbers, received 17", Assert.Throws<ArgumentException>(() => windows.Fill([0, 1], new float[17], targets)).Message);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(5, 3, 1)]
    [InlineData(4, 7, 2)]
    [InlineData(12, 1, 5)]
    public void No_value_at_or_behind_the_boundary_changes_a_training_window(int length, int horizon, int stride)
    {
        const int count = 40, boundary = 25;
        var options = new WindowOptions { InputLength = length, Horizon = horizon, Stride = stride };
        ChronologicalSplit split = ChronologicalSplit.ByCounts(boundary, 7, 8, count);
        float[] clean = All(options, split, -1, out int windows);
        for (int changed = 0; changed < count; changed++)
        {
            float[] other = All(options, split, changed, out int same);
            Assert.Equal(windows, same);
            // Every training row is read with stride 1, so the test can tell a window that reads from one that does not.
            if (changed >= boundary) Assert.Equal(clean, other);
            else if (stride == 1) Assert.NotEqual(clean, other);
        }

        static float[] All(WindowOptions options, ChronologicalSplit split, int changed, out int windows)
        {
            float[] target = [.. Enumerable.Range(0, count).Select(i => MathF.Sin(i))], seen = [.. target.Select(y => 2 * y)], plan = [.. target.Select(y => 3 * y)];
            if (changed >= 0) target[changed] = seen[changed] = plan[changed] = 99;
            var set = new WindowSet(options, new TimeSeries("y", target, [new Covariate("s", seen), new Covariate("p", plan, true)]), split, SplitPart.Training);
            windows = set.Count;
            int[] indices = [.. Enumerable.Range(0, windows)];
            (float[] inputs, float[] targets, float[] future) = (new float[windows * options.InputLength * 3], new float[windows * options.Horizon], new float[windows * options.Horizon]);
            set.Fill(indices, inputs, targets);
            set.FillFuture(indices, future);
            return [.. inputs, .. targets, .. future];
        }
    }

    [Fact]
    public void Targets_of_the_test_part_are_all_its_rows_and_no_earlier_one()
    {
        ChronologicalSplit split = ChronologicalSplit.ByFractions(0.2, 0.3, 30);
        Assert.Equal((15, 21, 30), (split.TrainingEnd, split.ValidationEnd, split.TestEnd));
        var test = new WindowSet(new WindowOptions { InputLength = 10, Horizon = 1 }, Counting(30), split, SplitPart.Test);
        float[] targets = new float[test.Count];
        test.Fill([.. Enumerable.Range(0, test.Count)], new float[test.Count * 10], targets);
        Assert.Equal([21, 22, 23, 24, 25, 26, 27, 28, 29], targets);
    }

    [Fact]
    public void Windows_over_many_series_skip_those_too_short_and_keep_their_order()
    {
        (TimeSeries a, TimeSeries shorter, TimeSeries b) = (Counting(6), Counting(4), Counting(5));
        var windows = new WindowSet(ThreeToTwo, [new(shorter, 0, 4), new(a, 0, 6), new(shorter, 0, 4), new(b, 0, 5), new(shorter, 0, 4)]);
        Assert.Equal(3, windows.Count);
        Assert.Equal([(a, 3), (a, 4), (b, 3)], new[] { windows.Locate(0), windows.Locate(1), windows.Locate(2) });
        Assert.Equal([1, 1, 3], new[] { windows.PartOf(0), windows.PartOf(1), windows.PartOf(2) });
        Assert.Equal(6, windows.Concat(windows).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => windows.Locate(3));
    }

    [Fact]
    public void A_series_shorter_than_a_window_is_refused_with_what_it_needs()
    {
        var error = Assert.Throws<ArgumentException>(() => new WindowSet(ThreeToTwo, [new WindowPart(Counting(4), 0, 4)]));
        Assert.Contains("none fits into series 'y': 3 input rows and 2 target rows were asked for, targets in rows 0 to 4 of 4", error.Message);
        Assert.Contains("Horizon: expected at least 1, received 0",
            Assert.Throws<ArgumentException>(() => new WindowSet(ThreeToTwo with { Horizon = 0 }, [new WindowPart(Counting(9), 0, 9)])).Message);
        var other = new TimeSeries("z", new float[9], [new Covariate("c", new float[9])]);
        Assert.Contains("'z' has other covariates than series 'y'",
            Assert.Throws<ArgumentException>(() => new WindowSet(ThreeToTwo, [new WindowPart(Counting(9), 0, 9), new WindowPart(other, 0, 9)])).Message);
    }

    [Fact]
    public void A_split_gives_whole_rows_and_refuses_more_than_there_are()
    {
        ChronologicalSplit split = ChronologicalSplit.ByFractions(0.29, 0, 100); // 0.29 · 100 is 28.999… in double
        Assert.Equal((71, 100, 100), (split.TrainingEnd, split.ValidationEnd, split.TestEnd));
        Assert.Contains("need 11 rows, the series has 10", Assert.Throws<ArgumentException>(() => ChronologicalSplit.ByCounts(5, 3, 3, 10)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => ChronologicalSplit.ByFractions(0.5, 0.5, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => ChronologicalSplit.ByFractions(double.NaN, 0.5, 10));
    }

    private static int[] Origins(WindowSet windows) => [.. Enumerable.Range(0, windows.Count).Select(i => windows.Locate(i).Origin)];
}

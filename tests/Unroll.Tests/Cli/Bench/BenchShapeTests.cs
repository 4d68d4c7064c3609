using Unroll.Basics;
using Unroll.Cli.Bench;
using Unroll.Layers;

namespace Unroll.Tests.Cli.Bench;

public class BenchShapeTests
{
    private static readonly BenchShape Ragged = new("r", "gru", Batch: 4, Steps: 6, Inputs: 3, Units: 5, Layers: 2, Bidirectional: true, Ragged: true);

    [Fact]
    public void Linear_lengths_fall_from_the_longest_by_whole_division()
    {
        Assert.Equal([6, 4, 3, 1], Ragged.Lengths()); // 6·4/4, 6·3/4, 6·2/4, 6·1/4
        Assert.Equal([1, 1, 1, 1], (Ragged with { Steps = 1 }).Lengths());
        Assert.Equal([6, 6, 6, 6], (Ragged with { Ragged = false }).Lengths());
    }

    [Fact]
    public void Useful_arithmetic_counts_real_rows_layers_and_directions()
    {
        // Layer 1: 2·3·5·(3 + 5)·2 directions = 480; layer 2: 2·3·5·(10 + 5)·2 = 900; 14 real rows.
        Assert.Equal(14 * (480 + 900), Ragged.ForwardFlops());
        // 2·4·128·(64 + 128)·64·100, by hand.
        Assert.Equal(1_258_291_200.0, new BenchShape("l", "lstm", 64, 100, 64, 128, 1, false, false).ForwardFlops());
        // 2·1·50·(32 + 50)·64·25
        Assert.Equal(13_120_000.0, new BenchShape("s", "rnn", 64, 25, 32, 50, 1, false, false).ForwardFlops());
    }

    [Theory]
    [InlineData("gru_before", 3 * 5 * (3 + 5))]
    [InlineData("ind_rnn", 5 * 3)]
    [InlineData("min_gru", 2 * 5 * 3)]
    [InlineData("min_lstm", 3 * 5 * 3)]
    [InlineData("projected_lstm", 4 * 10 * (3 + 5) + 10 * 5)] // W [3, 40], U [5, 40], V [10, 5]
    [InlineData("jordan", 3 * 5 + 5 * 5 + 5 * 5)] // W [3, 5], feedback [5, 5], output [5, 5]
    public void Multiplications_are_the_elements_of_the_matrices(string cell, int multiplications)
    {
        Assert.Equal(2 * 14 * multiplications, (Ragged with { Cell = cell, Layers = 1, Bidirectional = false }).ForwardFlops());
        SequenceLayer layer = BenchCell.All[cell].Make(5);
        layer.Build(new Shape(-1, -1, 3));
        Assert.Equal(multiplications, layer.Parameters.Where(p => p.Shape.Rank == 2 && p.Name != "recurrent_kernel" || cell != "ind_rnn" && p.Shape.Rank == 2).Sum(p => p.Count));
    }

    [Fact]
    public void Percentages_are_useful_arithmetic_over_time_and_peak()
    {
        // 1.2582912 GFLOP in 10 ms are 125.8 GFLOP/s, of 250 GFLOP/s 50.33 %; three times that in 40 ms 37.75 %.
        var result = new BenchResult(new BenchShape("l", "lstm", 64, 100, 64, 128, 1, false, false), 10, 40, 0);
        Assert.Equal(50.331648, result.ForwardPercent(250e9), 9);
        Assert.Equal(37.748736, result.TrainPercent(250e9)!.Value, 9);
        Assert.Null((result with { TrainMilliseconds = null }).TrainPercent(250e9));
    }
}

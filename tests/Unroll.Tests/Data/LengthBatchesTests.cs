using Unroll.Data;

namespace Unroll.Tests.Data;

public class LengthBatchesTests
{
    private static readonly int[] Lengths = [3, 9, 1, 9, 4, 7, 2];

    [Fact]
    public void Keeping_order_cuts_the_order_drawn()
        => Assert.Equal([[6, 0, 3], [1, 2, 5], [4]], LengthBatches.Create(Lengths, 3, [6, 0, 3, 1, 2, 5, 4]));

    [Fact]
    public void No_order_means_all_in_their_order()
        => Assert.Equal([[0, 1, 2, 3], [4, 5, 6]], LengthBatches.Create(Lengths, 4));

    [Fact]
    public void Sorting_puts_long_sequences_first_within_windows_and_ties_as_drawn()
    {
        // Windows of four: 6 3 1 2 (lengths 2 9 9 1) becomes 3 1 6 2; 5 0 4 (7 3 4) becomes 5 4 0.
        Assert.Equal([[3, 1], [6, 2], [5, 4], [0]],
            LengthBatches.Create(Lengths, 2, [6, 3, 1, 2, 5, 0, 4], LengthGrouping.SortWithinWindows, windowBatches: 2));
    }

    [Fact]
    public void Batches_of_steps_stay_within_their_limit()
    {
        Assert.Equal([[0], [1, 2], [3], [4], [5, 6]], LengthBatches.CreateBySteps(Lengths, 10));
        Assert.Equal([[1], [3], [5], [4, 0, 6, 2]], LengthBatches.CreateBySteps(Lengths, 10, window: 7));
        Assert.Equal([[4, 0, 6, 2], [1], [3], [5]], LengthBatches.CreateBySteps(Lengths, 10, window: 7, permutation: count => [3, 0, 1, 2]));
        Assert.Equal([[6, 2]], LengthBatches.CreateBySteps(Lengths, 9, [6, 2]));
        Assert.Contains("sequence 1 has 9 steps; expected at most 8", Assert.Throws<ArgumentException>(() => LengthBatches.CreateBySteps(Lengths, 8)).Message);
        Assert.Contains("index 3 comes twice", Assert.Throws<ArgumentException>(() => LengthBatches.CreateBySteps(Lengths, 9, [3, 3])).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => LengthBatches.CreateBySteps(Lengths, 0));
    }

    [Fact]
    public void A_permutation_reorders_whole_batches()
        => Assert.Equal([[6], [0, 1], [4, 5], [2, 3]], LengthBatches.Create(Lengths, 2, permutation: count => count == 4 ? [3, 0, 2, 1] : []));

    [Fact]
    public void Sorting_a_large_draw_uses_every_sequence_once()
    {
        int[] order = [.. Enumerable.Range(0, 1000).Select(i => i * 77 % 1000)], lengths = [.. order.Select(i => i * 13 % 50)];
        int[][] batches = LengthBatches.Create(lengths, 32, order, LengthGrouping.SortWithinWindows, 4);
        Assert.Equal(Enumerable.Range(0, 1000), batches.SelectMany(batch => batch).Order());
        Assert.All(batches, batch => Assert.InRange(batch.Max(i => lengths[i]) - batch.Min(i => lengths[i]), 0, 15));
    }

    [Fact]
    public void Wrong_indices_are_refused()
    {
        Assert.Contains("index 7 is not in [0, 7)", Assert.Throws<ArgumentException>(() => LengthBatches.Create(Lengths, 2, [7])).Message);
        Assert.Contains("index 3 comes twice", Assert.Throws<ArgumentException>(() => LengthBatches.Create(Lengths, 2, [3, 3])).Message);
        Assert.Contains("a permutation of 4, received 1", Assert.Throws<ArgumentException>(() => LengthBatches.Create(Lengths, 2, permutation: _ => [0])).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => LengthBatches.Create(Lengths, 0));
    }
}

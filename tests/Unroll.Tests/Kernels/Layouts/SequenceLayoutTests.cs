using Unroll.Kernels.Layouts;

namespace Unroll.Tests.Kernels.Layouts;

/// <summary>Rows packed by time, for batches of random lengths; one layout is used for all of them in turn.</summary>
public sealed class SequenceLayoutTests
{
    private static IEnumerable<(int[] Lengths, int Steps)> Batches()
    {
        yield return ([], 0);
        yield return ([], 5);
        yield return ([0, 0], 0);
        yield return ([0, 0, 0], 4);
        yield return ([3, 3, 3], 3);
        var random = new Random(20_240_417);
        for (int i = 0; i < 300; i++)
        {
            int batch = random.Next(1, 20), steps = random.Next(0, 40);
            yield return ([.. Enumerable.Range(0, batch).Select(_ => random.Next(0, steps + 1))], steps);
        }
    }

    [Fact]
    public void Rows_are_sorted_by_falling_length_and_equal_lengths_keep_their_order()
    {
        var layout = new SequenceLayout();
        foreach ((int[] lengths, int steps) in Batches())
        {
            layout.Set(lengths, steps);
            Assert.Equal(Enumerable.Range(0, lengths.Length).OrderByDescending(b => lengths[b]), layout.Order.ToArray());
            Assert.Equal(lengths, layout.Lengths.ToArray());
            Assert.Equal((lengths.Length, steps), (layout.Batch, layout.Steps));
        }
    }

    [Fact]
    public void Step_t_owns_one_row_for_each_sequence_longer_than_t()
    {
        var layout = new SequenceLayout();
        foreach ((int[] lengths, int steps) in Batches())
        {
            layout.Set(lengths, steps);
            for (int t = 0; t < steps; t++)
            {
                Assert.Equal(lengths.Count(n => n > t), layout.RowsAt(t));
                Assert.Equal(lengths.Sum(n => Math.Min(n, t)), layout.Offset(t));
            }
            Assert.Equal(lengths.Sum(), layout.Offset(steps));
            Assert.Equal(lengths.Sum(), layout.Rows);
            Assert.Equal(lengths.All(n => n == steps), layout.IsFull);
        }
    }

    [Fact]
    public void A_full_batch_is_the_batch_of_full_lengths()
    {
        var layout = new SequenceLayout();
        foreach ((int batch, int steps) in new[] { (3, 4), (1, 9), (8, 2), (2, 0), (0, 3), (4, 4) })
        {
            layout.SetFull(batch, steps);
            var other = new SequenceLayout();
            other.Set(Enumerable.Repeat(steps, batch).ToArray(), steps);
            Assert.True(layout.SameAs(other));
            Assert.Equal(other.Order.ToArray(), layout.Order.ToArray());
            Assert.Equal(Enumerable.Range(0, steps + 1).Select(other.Offset), Enumerable.Range(0, steps + 1).Select(layout.Offset));
            Assert.True(layout.IsFull);
        }
    }

    [Fact]
    public void Packed_rows_are_the_real_steps_by_time_and_unpack_to_zero_padding()
    {
        var layout = new SequenceLayout();
        const int features = 3;
        foreach ((int[] lengths, int steps) in Batches())
        {
            layout.Set(lengths, steps);
            float[] dense = [.. Enumerable.Range(1, lengths.Length * steps * features).Select(i => (float)i)], packed = new float[layout.Rows * features];
            PackRows.Pack(layout, dense, packed);
            var expected = new List<float>();
            for (int t = 0; t < steps; t++)
                foreach (int b in Enumerable.Range(0, lengths.Length).OrderByDescending(b => lengths[b]).Where(b => lengths[b] > t))
                    for (int f = 0; f < features; f++) expected.Add(dense[(b * steps + t) * features + f]);
            Assert.Equal(expected, packed);
            float[] back = [.. Enumerable.Repeat(-1f, dense.Length)];
            PackRows.Unpack(layout, packed, back);
            Assert.Equal(dense.Select((v, i) => i / features % steps < lengths[i / (features * steps)] ? v : 0), back);
        }
    }

    [Fact]
    public void Layouts_are_the_same_when_lengths_and_steps_are()
    {
        SequenceLayout Of(int steps, params int[] lengths)
        {
            var layout = new SequenceLayout();
            layout.Set(lengths, steps);
            return layout;
        }
        Assert.True(Of(3, 1, 2).SameAs(Of(3, 1, 2)));
        Assert.False(Of(3, 1, 2).SameAs(Of(3, 2, 1)));
        Assert.False(Of(3, 1, 2).SameAs(Of(4, 1, 2)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    public void A_length_outside_the_time_axis_is_refused(int length)
    {
        var refused = Assert.Throws<ArgumentException>(() => new SequenceLayout().Set([2, length], 3));
        Assert.Equal($"Sequence 1 has length {length}; the time axis has 3 steps, so expected 0 to 3. (Parameter 'lengths')", refused.Message);
    }
}

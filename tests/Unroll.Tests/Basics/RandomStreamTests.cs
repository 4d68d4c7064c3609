using Unroll.Basics;

namespace Unroll.Tests.Basics;

public class RandomStreamTests
{
    // FNV-1a's published 64-bit vectors; the last one was computed apart, to fix that bytes are UTF-8's.
    [Theory]
    [InlineData("", 0xcbf29ce484222325UL)]
    [InlineData("a", 0xaf63dc4c8601ec8cUL)]
    [InlineData("foobar", 0x85944171f73967e8UL)]
    [InlineData("größe", 0xb7450e1ef58140daUL)]
    public void Names_are_hashed_by_FNV_1a(string name, ulong hash) => Assert.Equal(hash, RandomStream.HashName(name));

    // Written out by a separate implementation in big-integer arithmetic: key = Philox(seed, hash; 9E3779B97F4A7C15)'s
    // first two words, draw i = word i mod 4 of Philox(⌊i / 4⌋, step; key).
    [Theory]
    [InlineData(42UL, "weights", 3L, 0L, 0xcd72ed9du)]
    [InlineData(42UL, "weights", 3L, 1L, 0xb045d93bu)]
    [InlineData(42UL, "weights", 3L, 6L, 0xed6535dcu)]
    [InlineData(42UL, "weights", 3L, (1L << 40) + 3, 0xb69f04e3u)]
    [InlineData(42UL, "größe", -1L, 5L, 0x97717d8fu)]
    [InlineData(ulong.MaxValue, "", 0L, -1L, 0xcba3293cu)]
    public void Draws_never_change_between_releases(ulong seed, string name, long step, long index, uint bits)
    {
        Assert.Equal(bits, new RandomStream(seed, name, step).Bits(index));
        Assert.Equal(bits, new RandomStream(seed, RandomStream.HashName(name), step).Bits(index));
        Assert.Equal(bits, new RandomStream(seed, name).At(step).Bits(index));
    }

    [Fact]
    public void Seed_name_step_and_index_each_change_the_draw()
    {
        uint[] draws =
        [
            new RandomStream(1, "a", 0).Bits(0),
            new RandomStream(2, "a", 0).Bits(0),
            new RandomStream(1, "b", 0).Bits(0),
            new RandomStream(1, "a", 1).Bits(0),
            new RandomStream(1, "a", 1L << 32).Bits(0),
            new RandomStream(1, "a", 0).Bits(1),
            new RandomStream(1, "a", 0).Bits(4),
            new RandomStream(1, "a", 0).Bits(1L << 34),
        ];
        Assert.Equal(draws.Length, draws.Distinct().Count());
    }

    [Fact]
    public void A_fork_is_the_stream_of_the_joined_name()
    {
        RandomStream fork = new RandomStream(7, "lstm", 5).Fork("dropout");
        Assert.Equal(new RandomStream(7, "lstm/dropout", 5), fork);
        Assert.True(fork == new RandomStream(7, "lstm/dropout", 5));
        Assert.True(fork != new RandomStream(7, "lstm", 5));
        Assert.NotEqual(new RandomStream(7, "lstm", 5).Bits(9), fork.Bits(9));
    }

    [Fact]
    public void Uniform_is_the_top_24_bits_and_UniformDouble_the_top_53()
    {
        var stream = new RandomStream(3, "uniform");
        for (long i = 0; i < 1000; i++)
        {
            Assert.Equal(Math.Floor(stream.Bits(i) / 256.0) / 16777216.0, stream.Uniform(i));
            ulong wide = stream.Bits(2 * i) | (ulong)stream.Bits(2 * i + 1) << 32;
            Assert.Equal(wide, stream.Bits64(i));
            Assert.Equal((wide >> 11) / 9007199254740992.0, stream.UniformDouble(i));
        }
        Assert.Equal(0f, RandomStream.ToUniform(0));
        Assert.Equal(0.99999994f, RandomStream.ToUniform(uint.MaxValue));
    }

    [Fact]
    public void Uniform_has_the_moments_and_the_spread_of_its_distribution()
    {
        const int count = 1 << 17;
        var stream = new RandomStream(11, "moments");
        var bins = new int[16];
        double sum = 0, squares = 0, neighbours = 0;
        for (int i = 0; i < count; i++)
        {
            double u = stream.Uniform(i) - 0.5;
            sum += u;
            squares += u * u;
            neighbours += u * (stream.Uniform(i + 1) - 0.5);
            bins[(int)(stream.Uniform(i) * 16)]++;
        }
        // Standard errors: √(1/12/n) = 8e-4, √(1/180/n) = 2e-4, 1/12/√n = 2.3e-4. Bounds are five of them.
        Assert.InRange(sum / count, -0.004, 0.004);
        Assert.InRange(squares / count, 1 / 12.0 - 0.00103, 1 / 12.0 + 0.00103);
        Assert.InRange(neighbours / count, -0.00115, 0.00115);
        double chiSquare = bins.Sum(bin => (bin - count / 16.0) * (bin - count / 16.0) / (count / 16.0));
        Assert.InRange(chiSquare, 2.6, 44); // χ² of 15 degrees: outside with a chance of 2e-4
    }

    [Fact]
    public void Below_is_the_high_half_of_bits_times_bound()
    {
        // From the same separate implementation as above.
        var stream = new RandomStream(42, "weights", 3);
        Assert.Equal([6, 8, 9, 7, 9, 0, 1, 2, 3, 2, 7, 0], Enumerable.Range(0, 12).Select(i => stream.Below(10, i)));
        Assert.All(Enumerable.Range(0, 100), i => Assert.Equal(0, stream.Below(1, i)));
        Assert.All(Enumerable.Range(0, 100), i => Assert.InRange(stream.Below(int.MaxValue, i), 0, int.MaxValue - 1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    public void Below_nothing_is_refused(int bound) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomStream(1, "a").Below(bound, 0));

    [Fact]
    public void Shuffle_is_Fisher_and_Yates_from_the_last_position()
    {
        int[] items = [.. Enumerable.Range(0, 8)];
        new RandomStream(42, "shuffle").Shuffle<int>(items);
        Assert.Equal([1, 0, 6, 7, 5, 3, 4, 2], items);

        new RandomStream(42, "shuffle").Shuffle(Span<int>.Empty);
    }

    [Fact]
    public void Every_order_of_three_comes_equally_often()
    {
        var counts = new Dictionary<string, int>();
        for (long step = 0; step < 12_000; step++)
        {
            char[] items = ['a', 'b', 'c'];
            new RandomStream(5, "orders", step).Shuffle<char>(items);
            string order = new(items);
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }
        Assert.Equal(6, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 1796, 2204)); // 2000 ± 5 standard deviations of 41
    }

    [Fact]
    public void A_stream_without_a_name_is_refused()
    {
        Assert.Throws<ArgumentNullException>(() => new RandomStream(1, null!));
        Assert.Throws<ArgumentNullException>(() => new RandomStream(1, "a").Fork(null!));
    }
}

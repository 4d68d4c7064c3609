using Unroll.Basics;
using Unroll.Kernels;

namespace Unroll.Tests.Kernels;

public class RandomFillTests
{
    private static readonly RandomStream Stream = new(19, "fill", 4);

    private const float Sentinel = -77f;

    [Fact]
    public void A_fill_equals_the_single_draws_at_every_start_and_length()
    {
        for (int start = -3; start < 6; start++)
        {
            for (int length = 0; length < 23; length++)
            {
                Check(start, length, values => RandomFill.Uniform(Stream, start, values), i => Stream.Uniform(i));
                Check(start, length, values => RandomFill.Uniform(Stream, start, -2f, 3f, values), i => -2f + 5f * Stream.Uniform(i));
                Check(start, length, values => RandomFill.KeepMask(Stream, start, 0.3f, values), i => Stream.Uniform(i) < 0.3f ? 0f : 1f / 0.7f);
                Check(start, length, values => RandomFill.Normal(Stream, start, -1f, 3f, values), i => -1f + 3f * RandomFill.Normal(Stream, i));
            }
        }
        // Several counters side by side, and some that are left over; a counter that leaves 32 bits on the way.
        foreach (long start in new[] { 5L, (1L << 34) - 26 })
        {
            var values = new float[83];
            RandomFill.Uniform(Stream, start, values);
            Assert.Equal(Enumerable.Range(0, 83).Select(i => Stream.Uniform(start + i)), values);
        }
        // Longer than one round of the fill's scratch memory.
        Check(1, 1000, values => RandomFill.Normal(Stream, 1, 0f, 1f, values), i => RandomFill.Normal(Stream, i));
    }

    [Fact]
    public void Normal_draws_are_Box_and_Muller_s_within_rounding()
    {
        for (long pair = 0; pair < 5000; pair++)
        {
            double radius = Math.Sqrt(-2 * Math.Log((Stream.Bits(2 * pair) + 0.5) / 4294967296.0));
            double angle = 2 * Math.PI * (Stream.Bits(2 * pair + 1) >> 8) / 16777216.0;
            Assert.Equal(radius * Math.Cos(angle), RandomFill.Normal(Stream, 2 * pair), 4e-6);
            Assert.Equal(radius * Math.Sin(angle), RandomFill.Normal(Stream, 2 * pair + 1), 4e-6);
        }
    }

    [Fact]
    public void Normal_draws_have_the_moments_and_tails_of_their_distribution()
    {
        var values = new float[200_000];
        RandomFill.Normal(Stream, 0, 0f, 1f, values);
        double n = values.Length;
        // Five standard errors: 1/√n, √(2/n), √(96/n), and √(p·q/n) of the share within one deviation, 0.6827.
        Assert.InRange(values.Average(value => (double)value), -0.0112, 0.0112);
        Assert.InRange(values.Sum(value => (double)value * value) / n, 1 - 0.0159, 1 + 0.0159);
        Assert.InRange(values.Sum(value => Math.Pow(value, 4)) / n, 3 - 0.11, 3 + 0.11);
        Assert.InRange(values.Count(value => Math.Abs(value) < 1) / n, 0.6827 - 0.0053, 0.6827 + 0.0053);
    }

    private static void Check(int start, int length, Action<float[]> fill, Func<long, float> single)
    {
        var values = new float[length];
        fill(values);
        Assert.Equal(Enumerable.Range(0, length).Select(i => single((long)start + i)), values);
    }

    [Fact]
    public void A_fill_writes_nothing_outside_its_span()
    {
        var values = new float[20];
        Array.Fill(values, Sentinel);
        RandomFill.Uniform(Stream, 2, values.AsSpan(3, 13));
        Assert.All(values[..3], value => Assert.Equal(Sentinel, value));
        Assert.All(values[3..16], value => Assert.InRange(value, 0f, 1f));
        Assert.All(values[16..], value => Assert.Equal(Sentinel, value));
    }

    [Fact]
    public void A_keep_mask_has_mean_one()
    {
        var mask = new float[40_000];
        RandomFill.KeepMask(Stream, 0, 0.25f, mask);
        int kept = mask.Count(value => value == 1f / 0.75f);
        Assert.Equal(mask.Length - kept, mask.Count(value => value == 0f));
        Assert.InRange(kept, 30_000 - 433, 30_000 + 433); // five standard deviations of √(n·p·q) = 86.6

        RandomFill.KeepMask(Stream, 0, 0f, mask);
        Assert.All(mask, value => Assert.Equal(1f, value));
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(-0.1f)]
    [InlineData(float.NaN)]
    public void A_drop_rate_outside_its_range_is_refused(float rate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => RandomFill.KeepMask(Stream, 0, rate, new float[1]));
}

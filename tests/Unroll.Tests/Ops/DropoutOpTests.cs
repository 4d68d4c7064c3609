using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Tests.Ops;

public sealed class DropoutOpTests
{
    private static float[] Dropped(Tensor x, float rate, long step = 0) =>
        DropoutOp.Of(new Tape(recording: false), x, rate, new RandomStream(5, "dropout", step)).ToArray();

    private static float[] Ones(int count) => [.. Enumerable.Repeat(1f, count)];

    [Fact]
    public void The_share_dropped_is_the_rate_and_the_mean_stays()
    {
        float[] y = Dropped(Tensor.FromArray(Ones(100_000), 100, 1000), 0.2f);
        Assert.Equal([0f, 1.25f], y.Distinct().Order());
        Assert.Equal(0.2, y.Count(v => v == 0) / 100_000.0, 0.005); // four standard deviations
        Assert.Equal(1, y.Average(), 0.007);
    }

    [Fact]
    public void Neither_packing_nor_padding_changes_which_elements_are_dropped()
    {
        float[] x = Ones(3 * 4 * 6);
        float[] dense = Dropped(Tensor.FromArray(x, 3, 4, 6), 0.5f);
        float[] packed = Dropped(Tensor.FromArray(x, 3, 4, 6).WithLengths([2, 4, 3]), 0.5f);
        float[] longer = Dropped(Tensor.FromArray(Ones(3 * 9 * 6), 3, 9, 6).WithLengths([2, 4, 3]), 0.5f);
        int[] lengths = [2, 4, 3];
        for (int b = 0; b < 3; b++)
            for (int i = 0; i < lengths[b] * 6; i++)
            {
                Assert.Equal(dense[b * 24 + i], packed[b * 24 + i]);
                Assert.Equal(dense[b * 24 + i], longer[b * 54 + i]);
            }
        Assert.Contains(0f, dense);
        Assert.NotEqual(dense[..24], dense[24..48]);
    }

    [Fact]
    public void Another_step_drops_others()
    {
        Tensor x = Tensor.FromArray(Ones(200), 2, 100);
        Assert.NotEqual(Dropped(x, 0.5f, 0), Dropped(x, 0.5f, 1));
        Assert.Equal(Dropped(x, 0.5f, 1), Dropped(x, 0.5f, 1));
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(-0.1f)]
    [InlineData(1.5f)]
    [InlineData(float.NaN)]
    public void A_rate_outside_its_range_is_refused(float rate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Dropped(Tensor.FromArray([1f], 1, 1), rate));
}

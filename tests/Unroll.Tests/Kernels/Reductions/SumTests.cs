using Unroll.Kernels.Reductions;
using Unroll.Kernels.Simd;
using Unroll.Tests.Support;

namespace Unroll.Tests.Kernels.Reductions;

public sealed unsafe class SumTests
{
    public static TheoryData<int> Lengths => [.. Enumerable.Range(0, 70), 511, 512, 513, 1023, 1024, 1039, 5000];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Sums_agree_with_double_and_have_the_same_bits_at_every_width(int length)
    {
        // Nothing past the end may count.
        float[] x = [.. TestGradients.Distinct(length), 1e30f, 1e30f];
        double plain = 0, squares = 0, size = 0;
        for (int i = 0; i < length; i++)
        {
            plain += x[i];
            squares += (double)x[i] * x[i];
            size += Math.Abs(x[i]);
        }
        int before = SimdWidth.Current;
        try
        {
            double? sum = null, sumOfSquares = null;
            foreach (int width in new[] { 32, 128, 256, 512 })
            {
                SimdWidth.Current = width;
                fixed (float* pointer = x)
                {
                    double s = Sum.Of(pointer, length), q = SumOfSquares.Of(pointer, length);
                    Assert.InRange(s, plain - 1e-6 * size, plain + 1e-6 * size);
                    Assert.InRange(q, squares * (1 - 1e-6), squares * (1 + 1e-6));
                    Assert.Equal(sum ?? s, s);
                    Assert.Equal(sumOfSquares ?? q, q);
                    sum = s;
                    sumOfSquares = q;
                }
            }
        }
        finally
        {
            SimdWidth.Current = before;
        }
    }

    [Fact]
    public void Squares_beyond_float_are_summed_in_double_and_not_a_number_shows()
    {
        float[] large = [3e30f, 4e30f], broken = [1, float.NaN, 3e30f];
        fixed (float* pointer = large) Assert.Equal(2.5e61, SumOfSquares.Of(pointer, 2), 1e54);
        fixed (float* pointer = broken) Assert.True(double.IsNaN(SumOfSquares.Of(pointer, 3)));
        fixed (float* pointer = broken) Assert.True(double.IsNaN(Sum.Of(pointer, 3)));
    }
}

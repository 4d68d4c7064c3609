using Unroll.Kernels.Reductions;
using Unroll.Kernels.Simd;
using Unroll.Tests.Support;

namespace Unroll.Tests.Kernels.Reductions;

public sealed unsafe class SumOfSquaresTests
{
    public static TheoryData<int> Lengths => [.. Enumerable.Range(0, 70), 511, 512, 513, 1023, 1024, 1039, 5000, 16_383, 16_400, 50_000];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void The_sum_agrees_with_double_and_has_the_same_bits_at_every_width_and_number_of_threads(int length)
    {
        // Nothing past the end may count.
        float[] x = [.. TestGradients.Distinct(length), 1e30f, 1e30f];
        double squares = 0;
        for (int i = 0; i < length; i++) squares += (double)x[i] * x[i];
        int before = SimdWidth.Current;
        try
        {
            double? sum = null;
            foreach (int width in new[] { 32, 128, 256, 512 })
                foreach (int threads in new[] { 1, 2, 3 })
                {
                    SimdWidth.Current = width;
                    fixed (float* pointer = x)
                    {
                        float* at = pointer;
                        double found = DividedWork.On(threads, () => SumOfSquares.Of(at, length));
                        Assert.InRange(found, squares * (1 - 1e-6), squares * (1 + 1e-6));
                        Assert.Equal(sum ?? found, found);
                        sum = found;
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
    }
}

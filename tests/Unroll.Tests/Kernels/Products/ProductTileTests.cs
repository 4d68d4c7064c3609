using System.Runtime.Intrinsics;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Kernels.Products;

public sealed unsafe class ProductTileTests
{
    [Fact]
    public void Every_tile_at_512_bits_is_the_plain_loop_bit_for_bit() => Check<Simd512, Vector512<float>>();

    [Fact]
    public void Every_tile_at_256_bits_is_the_plain_loop_bit_for_bit() => Check<Simd256, Vector256<float>>();

    [Fact]
    public void Every_tile_at_128_bits_is_the_plain_loop_bit_for_bit() => Check<Simd128, Vector128<float>>();

    [Fact]
    public void Every_tile_one_number_at_a_time_is_the_plain_loop_bit_for_bit() => Check<SimdScalar, float>();

    /// <summary>Every count of rows and groups, one segment and two; C has a gap after every row and group that stays as it is.</summary>
    private static void Check<TSimd, TVector>() where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        const int groupStride = 20, rowStride = 4 * groupStride + 3;
        for (int rows = 1; rows <= ProductTile.MaximumRows; rows++)
            for (int groups = 1; groups <= 4; groups++)
                foreach (int k in ProductNumbers.Reductions)
                    foreach (int segments in new[] { 1, 2 })
                    {
                        int aRow = k * segments + 5, wGroup = k * segments * 16 + 3;
                        float[] a = ProductNumbers.Distinct(rows * aRow + 1, 1), w = ProductNumbers.Distinct(groups * wGroup + 1, 2);
                        float[] c = ProductNumbers.Filled(rows * rowStride), initial = ProductNumbers.Distinct(64, 3);
                        fixed (float* pa = a, pw = w, pc = c, pi = initial)
                        {
                            var tile = new TileOperands
                            {
                                A = pa,
                                ARowStride = aRow,
                                AStep = 1,
                                ASegmentStride = k,
                                K = k,
                                Segments = segments,
                                W = pw,
                                WGroupStride = wGroup,
                                WSegmentStride = (nint)k * 16,
                                Initial = pi,
                                InitialGroupStride = 16,
                                C = pc,
                                CRowStride = rowStride,
                                CGroupStride = groupStride,
                            };
                            ProductTile.Run<TSimd, TVector>(in tile, rows, groups);
                        }
                        float[] expected = ProductNumbers.Filled(c.Length);
                        for (int row = 0; row < rows; row++)
                            for (int column = 0; column < 16 * groups; column++)
                                expected[row * rowStride + column / 16 * groupStride + column % 16] = ProductNumbers.Checked(
                                    initial[column], a.AsSpan(row * aRow, k * segments), ProductNumbers.Column(w.AsSpan(column / 16 * wGroup).ToArray(), k * segments, 16, column % 16));
                        Agreement.SameBits($"{rows} rows, {groups} groups, k {k}, {segments} segments", expected, c);
                    }
    }
}

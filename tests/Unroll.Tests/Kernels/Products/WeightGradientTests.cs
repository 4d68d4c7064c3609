using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Kernels.Products;

[Collection(VectorWidthCollection.Name)]
public sealed unsafe class WeightGradientTests
{
    private const int BlockRows = 256; // of the small weights here

    public static TheoryData<int> Rows() => [.. Enumerable.Range(0, 14), 255, 256, 257, 513];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Gradients_are_the_plain_sums_over_rows_added_to_what_was_there(int rows)
    {
        int[] inputs = rows > 13 ? [5] : ProductNumbers.Reductions;
        foreach (int k in inputs)
            for (int columns = 1; columns <= 70; columns += rows > 13 ? 23 : 1) Check(new PanelLayout(k, 1, columns), rows);
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(3, 2)]
    [InlineData(4, 0)]
    public void Gates_from_any_first_one_give_the_same_sums(int gates, int firstGate)
    {
        foreach (int units in new[] { 1, 5, 16, 17, 33 })
            foreach (int rows in new[] { 0, 1, 6, 13 })
                foreach (int k in new[] { 1, 5, 6, 7, 64 })
                    Check(new PanelLayout(k, gates, units, firstGate), rows);
    }

    [Fact]
    public void A_share_of_the_gates_of_a_panel_major_gradient_leaves_the_others_alone()
    {
        const int rows = 11, k = 7, gates = 3, units = 21, rowStride = gates * 16;
        var layout = new PanelLayout(k, gates, units);
        float[] x = ProductNumbers.Distinct(rows * k, 1), dense = ProductNumbers.Distinct(rows * gates * units, 2);
        float[] blocks = new float[layout.PanelCount * rows * rowStride];
        for (int row = 0; row < rows; row++)
            for (int gate = 0; gate < gates; gate++)
                for (int unit = 0; unit < units; unit++)
                    blocks[unit / 16 * rows * rowStride + row * rowStride + gate * 16 + unit % 16] = dense[(row * gates + gate) * units + unit];
        foreach ((int first, int count) in new[] { (0, 2), (2, 1), (1, 1), (0, 0) })
            VectorWidthCollection.AtEach(width =>
            {
                float[] dw = new float[layout.StorageLength], db = new float[layout.StoredColumns];
                fixed (float* px = x, pd = blocks, pw = dw, pb = db)
                    WeightGradient.Run(new WeightGradient.Arguments
                    {
                        Inputs = WeightGradient.RowPointers(px, k, rows),
                        Rows = rows,
                        Outputs = pd + first * 16,
                        RowStride = rowStride,
                        PanelStride = rows * rowStride,
                        Layout = layout,
                        Weights = pw,
                        Bias = pb,
                        FirstGroup = first,
                        GroupCount = count,
                    });
                bool Taken(int gate) => count == 0 || (gate >= first && gate < first + count);
                float[] expected = new float[k * gates * units], sums = new float[gates * units], found = new float[expected.Length], foundSums = new float[sums.Length];
                for (int column = 0; column < sums.Length; column++)
                {
                    if (!Taken(column / units)) continue;
                    float[] d = ProductNumbers.Column(dense, rows, gates * units, column);
                    foreach (float v in d) sums[column] += v;
                    for (int i = 0; i < k; i++) expected[i * gates * units + column] = ProductNumbers.Checked(0, ProductNumbers.Column(x, rows, k, i), d);
                }
                layout.Unpack(dw, found);
                new PanelLayout(1, gates, units).Unpack(db, foundSums);
                Agreement.SameBits($"gates from {first}, {count}, {width} bits: weights", expected, found);
                Agreement.SameBits($"gates from {first}, {count}, {width} bits: bias", sums, foundSums);
            });
    }

    /// <summary>Row-major gradients with a gap behind every row; some rows have no input, which stands for zeros.</summary>
    private static void Check(PanelLayout layout, int rows)
    {
        int k = layout.Rows, columns = layout.Columns, stride = columns + 2;
        float[] x = ProductNumbers.Distinct(rows * k + 1, 1), d = ProductNumbers.Distinct(rows * stride + 1, 2);
        float[] before = ProductNumbers.Distinct(k * columns, 3), beforeBias = ProductNumbers.Distinct(columns, 4);
        var biasLayout = new PanelLayout(1, layout.Gates, layout.Units, Enumerable.Range(0, layout.Gates).First(g => layout.ColumnOf(0, 0) == g * layout.Units));
        bool Missing(int row) => row % 5 == 3;

        float[] expected = new float[k * columns], expectedBias = new float[columns];
        for (int column = 0; column < columns; column++)
        {
            expectedBias[column] = beforeBias[column];
            for (int block = (rows + BlockRows - 1) / BlockRows - 1; block >= 0; block--)
                for (int row = BlockRows * block; row < Math.Min(rows, BlockRows * (block + 1)); row++) expectedBias[column] += d[row * stride + column];
            for (int i = 0; i < k; i++)
            {
                float sum = before[i * columns + column];
                for (int block = (rows + BlockRows - 1) / BlockRows - 1; block >= 0; block--)
                    for (int row = BlockRows * block; row < Math.Min(rows, BlockRows * (block + 1)); row++)
                        sum = MathF.FusedMultiplyAdd(Missing(row) ? 0 : x[row * k + i], d[row * stride + column], sum);
                expected[i * columns + column] = sum;
            }
        }
        VectorWidthCollection.AtEach(width =>
        {
            float[] dw = [.. ProductNumbers.Packed(layout, before), .. ProductNumbers.Filled(16)], db = [.. ProductNumbers.Packed(biasLayout, beforeBias), .. ProductNumbers.Filled(16)];
            fixed (float* px = x, pd = d, pw = dw, pb = db)
            {
                float** pointers = WeightGradient.RowPointers(px, k, rows);
                for (int row = 0; row < rows; row++) if (Missing(row)) pointers[row] = null;
                WeightGradient.Run(new WeightGradient.Arguments
                {
                    Inputs = pointers,
                    Rows = rows,
                    Outputs = pd,
                    RowStride = stride,
                    Layout = layout,
                    Weights = pw,
                    Bias = pb,
                });
            }
            string what = $"rows {rows}, k {k}, {layout.Gates} gates of {layout.Units}, {width} bits";
            // Packed again, the padding of the expectation is zero, and so must the kernel's be.
            Agreement.SameBits($"{what}: weights", [.. ProductNumbers.Packed(layout, expected), .. ProductNumbers.Filled(16)], dw);
            Agreement.SameBits($"{what}: bias", [.. ProductNumbers.Packed(biasLayout, expectedBias), .. ProductNumbers.Filled(16)], db);
        });
        CloseToDouble(x, d, before, expected, rows, k, columns, stride, Missing);
    }

    private static void CloseToDouble(
        float[] x, float[] d, float[] before, float[] expected, int rows, int k, int columns, int stride, Func<int, bool> missing)
    {
        for (int i = 0; i < k; i++)
            for (int column = 0; column < columns; column++)
            {
                double sum = before[i * columns + column];
                for (int row = 0; row < rows; row++) sum += missing(row) ? 0 : (double)x[row * k + i] * d[row * stride + column];
                Assert.True(Math.Abs(sum - expected[i * columns + column]) <= 1e-6 * (2 + rows / 8.0), $"The chain gives {expected[i * columns + column]:R}, double precision {sum:R}.");
            }
    }
}

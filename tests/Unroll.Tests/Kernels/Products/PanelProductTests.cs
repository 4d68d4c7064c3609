using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Kernels.Products;

[Collection(VectorWidthCollection.Name)]
public sealed unsafe class PanelProductTests
{
    private const int Before = 3, Gap = 2;

    public static TheoryData<int> Rows() => [.. Enumerable.Range(0, 14)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_product_is_the_plain_loop_bit_for_bit_and_touches_nothing_else(int rows)
    {
        foreach (int k in ProductNumbers.Reductions)
            for (int columns = 1; columns <= 70; columns++)
                Check(new PanelLayout(k, 1, columns), new Plain(k, columns), rows);
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(3, 2)]
    [InlineData(3, 1)]
    [InlineData(4, 0)]
    [InlineData(4, 2)]
    public void Gates_from_any_first_one_give_the_same_columns(int gates, int firstGate)
    {
        foreach (int units in new[] { 1, 5, 15, 16, 17, 32, 33 })
            foreach (int rows in new[] { 0, 1, 6, 7, 13 })
                foreach (int k in new[] { 0, 1, 5, 64 })
                    Check(new PanelLayout(k, gates, units, firstGate), new Plain(k, gates * units), rows);
    }

    [Fact]
    public void A_source_in_segments_that_starts_further_down_meets_its_own_weights()
    {
        const int rows = 7, length = 16, segments = 3, columns = 21, skipped = 5;
        var layout = new PanelLayout(skipped + length * segments, 1, columns);
        float[] w = ProductNumbers.Distinct(layout.Rows * columns, 5), storage = ProductNumbers.Packed(layout, w);
        // Segment s of row r lies at s · (rows · 16) + r · 16: panel-major.
        float[] a = ProductNumbers.Distinct(rows * length * segments, 6), y = ProductNumbers.Filled(rows * columns);
        VectorWidthCollection.AtEach(width =>
        {
            fixed (float* pa = a, pw = storage, py = y)
                PanelProduct.Run(new PanelProduct.Arguments
                {
                    Source = new ProductSource { Values = pa, RowStride = length, Length = length, Segments = segments, SegmentStride = rows * length },
                    Rows = rows,
                    Layout = layout,
                    Weights = pw,
                    FirstReduction = skipped,
                    Target = new ProductTarget { Values = py, RowStride = columns },
                });
            float[] expected = new float[y.Length];
            for (int row = 0; row < rows; row++)
            {
                float[] whole = [.. Enumerable.Range(0, segments).SelectMany(s => a.Skip((s * rows + row) * length).Take(length))];
                for (int column = 0; column < columns; column++)
                    expected[row * columns + column] = ProductNumbers.Checked(0, whole, ProductNumbers.Column(w, layout.Rows, columns, column).AsSpan(skipped));
            }
            Agreement.SameBits($"{width} bits", expected, y);
        });
    }

    /// <summary>A logical matrix, its bias and its left operand, with the columns kept apart for the plain loop.</summary>
    private sealed class Plain(int k, int columns)
    {
        public readonly float[] Weights = ProductNumbers.Distinct(k * columns, 1);
        public readonly float[] Bias = ProductNumbers.Distinct(columns, 2);
        public readonly float[] Left = ProductNumbers.Distinct(14 * (k + 1), 3);
        private readonly float[][] _columns = new float[columns][];

        public float Of(int row, int column, float start) => ProductNumbers.Checked(
            start, Left.AsSpan(row * (k + 1), k), _columns[column] ??= ProductNumbers.Column(Weights, k, columns, column));
    }

    private static void Check(PanelLayout layout, Plain plain, int rows)
    {
        int k = layout.Rows, columns = layout.Columns, stride = columns + Gap;
        float[] storage = ProductNumbers.Packed(layout, plain.Weights);
        float[] bias = ProductNumbers.Packed(BiasLayout(layout), plain.Bias);
        float[] held = ProductNumbers.Distinct(rows * columns, 4);
        foreach ((bool hasBias, bool accumulate) in new[] { (true, false), (false, false), (false, true) })
        {
            float[] fresh = ProductNumbers.Filled(Before + rows * stride + 64), expected = [.. fresh];
            for (int row = 0; row < rows; row++)
                for (int column = 0; column < columns; column++)
                {
                    int at = Before + row * stride + column;
                    if (accumulate) fresh[at] = held[row * columns + column];
                    expected[at] = plain.Of(row, column, accumulate ? fresh[at] : hasBias ? plain.Bias[column] : 0);
                }
            VectorWidthCollection.AtEach(width =>
            {
                float[] y = [.. fresh];
                fixed (float* left = plain.Left, w = storage, b = bias, target = y)
                    PanelProduct.Run(new PanelProduct.Arguments
                    {
                        Source = ProductSource.RowMajor(left, k + 1, k),
                        Rows = rows,
                        Layout = layout,
                        Weights = w,
                        Bias = hasBias ? b : null,
                        Target = new ProductTarget { Values = target + Before, RowStride = stride, Accumulate = accumulate },
                    });
                Agreement.SameBits($"rows {rows}, k {k}, {layout.Gates} gates of {layout.Units}, bias {hasBias}, accumulate {accumulate}, {width} bits", expected, y);
            });
        }
    }

    /// <summary>The bias's panels: those of one row, from the same first gate.</summary>
    private static PanelLayout BiasLayout(PanelLayout of) =>
        new(1, of.Gates, of.Units, Enumerable.Range(0, of.Gates).First(g => of.ColumnOf(0, 0) == g * of.Units));
}

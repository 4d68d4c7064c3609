using Unroll.Kernels.Layouts;

namespace Unroll.Tests.Kernels.Layouts;

/// <summary>Panels of weights: where every number lies, and back; the transpose.</summary>
public sealed unsafe class PanelLayoutTests
{
    private const float Sentinel = -777f;

    /// <summary>Rows, gates, units and first gate.</summary>
    public static TheoryData<int, int, int, int> Layouts()
    {
        var data = new TheoryData<int, int, int, int>();
        foreach (int rows in new[] { 1, 2, 5, 16, 17, 70 })
            foreach (int units in new[] { 1, 5, 15, 16, 17, 33, 48, 64, 65, 130 })
                foreach ((int gates, int first) in new[] { (1, 0), (3, 0), (3, 2), (3, 1), (4, 0), (4, 2) })
                    data.Add(rows, gates, units, first);
        return data;
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Packed_and_unpacked_is_the_same_and_padding_is_zero(int rows, int gates, int units, int firstGate)
    {
        var layout = new PanelLayout(rows, gates, units, firstGate);
        float[] logical = Numbered(rows * gates * units), storage = Filled(layout.StorageLength + 1), back = Filled(logical.Length + 1);
        layout.Pack(logical, storage);
        layout.Unpack(storage, back);
        Assert.Equal(logical, back[..^1]);
        Assert.Equal(Sentinel, back[^1]);
        Assert.Equal(Sentinel, storage[^1]);
        Assert.Equal(logical, storage[..^1].Where(v => v != 0).Order());
        Assert.Equal(rows * gates * ((units + 15) / 16 * 16), layout.StorageLength);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Every_number_lies_where_the_design_says(int rows, int gates, int units, int firstGate)
    {
        var layout = new PanelLayout(rows, gates, units, firstGate);
        float[] storage = new float[layout.StorageLength];
        layout.Pack(Numbered(rows * gates * units), storage);
        for (int k = 0; k < rows; k++)
            for (int gate = 0; gate < gates; gate++)
                for (int unit = 0; unit < units; unit++)
                {
                    float expected = 1 + (k * gates + gate) * units + unit;
                    Assert.Equal(expected, storage[PlaceOf(rows, gates, units, firstGate, k, gate, unit)]);
                }
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void The_transpose_has_the_stored_columns_as_rows(int rows, int gates, int units, int firstGate)
    {
        var layout = new PanelLayout(rows, gates, units, firstGate);
        PanelLayout turned = TransposePanels.LayoutOf(layout);
        float[] logical = Numbered(rows * gates * units), storage = new float[layout.StorageLength], transposed = Filled(turned.StorageLength + 1);
        layout.Pack(logical, storage);
        fixed (float* from = storage, to = transposed) TransposePanels.Run(layout, from, to);
        Assert.Equal(Sentinel, transposed[^1]);
        float[] rowMajor = new float[turned.Rows * turned.Columns];
        turned.Unpack(transposed.AsSpan(..^1), rowMajor);
        Assert.Equal(layout.StoredColumns, turned.Rows);
        var expected = new float[rowMajor.Length];
        for (int gate = 0; gate < gates; gate++)
            for (int unit = 0; unit < units; unit++)
            {
                int group = (gate - firstGate + gates) % gates, column = gates == 1 ? unit : unit / 16 * gates * 16 + group * 16 + unit % 16;
                for (int k = 0; k < rows; k++) expected[column * rows + k] = logical[(k * gates + gate) * units + unit];
            }
        Assert.Equal(expected, rowMajor);
        Assert.Equal(logical, transposed[..^1].Where(v => v != 0).Order());
    }

    /// <summary>Groups of 16 columns, k-row after k-row within a group: the gates of 16 units side by side, or the columns in order.</summary>
    private static int PlaceOf(int rows, int gates, int units, int firstGate, int k, int gate, int unit)
    {
        int group = gates > 1 ? unit / 16 * gates + (gate - firstGate + gates) % gates : unit / 16;
        return (group * rows + k) * 16 + unit % 16;
    }

    private static float[] Numbered(int count) => [.. Enumerable.Range(1, count).Select(i => (float)i)];

    private static float[] Filled(int count)
    {
        float[] values = new float[count];
        Array.Fill(values, Sentinel);
        return values;
    }
}

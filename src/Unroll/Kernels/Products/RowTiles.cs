namespace Unroll.Kernels.Products;

/// <summary>Divides rows into the fewest tiles of at most a size, whose sizes differ by at most one (20 rows by 6: 5, 5, 5, 5).</summary>
internal readonly struct RowTiles
{
    private readonly int _smaller;
    private readonly int _larger;

    public RowTiles(int rows, int maximum)
    {
        Count = (rows + maximum - 1) / maximum;
        _smaller = Count == 0 ? 0 : rows / Count;
        _larger = Count == 0 ? 0 : rows % Count;
    }

    /// <summary>How many tiles there are.</summary>
    public int Count { get; }

    /// <summary>Rows of a tile; the larger tiles come first.</summary>
    public int SizeOf(int tile) => tile < _larger ? _smaller + 1 : _smaller;
}

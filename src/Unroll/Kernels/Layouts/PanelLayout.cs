namespace Unroll.Kernels.Layouts;

/// <summary>
/// How a weight matrix lies in memory: in groups of 16 columns, k-row after k-row within a group, so that the product
/// kernels read each group strictly in sequence whatever the vectors' width. Groups that are multiplied together make a
/// panel: with G gates, 16 units of every gate; without gates (G = 1), 64 columns in four groups, the last panel holding
/// only the groups that it needs. Padded columns hold zero.
/// </summary>
/// <remarks>The layout is the same on every machine, so a sum in storage order is too.</remarks>
internal sealed class PanelLayout
{
    /// <summary>Columns in a group, on every machine whatever its vectors.</summary>
    public const int GroupSize = 16;

    /// <summary>Groups in a panel of a matrix without gates.</summary>
    public const int WideGroups = 4;

    private readonly int _firstGate;

    /// <summary>A logical matrix [<paramref name="rows"/>, gates · units], column = gate · units + unit.</summary>
    /// <param name="rows">K.</param>
    /// <param name="gates">G.</param>
    /// <param name="units">Units of one gate.</param>
    /// <param name="firstGate">The gate that a panel's first group holds; the others follow in a circle.</param>
    public PanelLayout(int rows, int gates, int units, int firstGate = 0)
    {
        _firstGate = firstGate;
        Rows = rows;
        Gates = gates;
        Units = units;
        PaddedUnits = PadToGroup(units);
        int groups = PaddedUnits / GroupSize;
        GroupsPerPanel = gates == 1 ? WideGroups : gates;
        PanelCount = gates == 1 ? (groups + WideGroups - 1) / WideGroups : groups;
    }

    /// <summary>K: the length of the reduction.</summary>
    public int Rows { get; }

    /// <summary>G: how many gates the columns are divided into; 1 for a plain matrix.</summary>
    public int Gates { get; }

    /// <summary>Units (columns) of one gate.</summary>
    public int Units { get; }

    /// <summary>Units rounded up to whole groups.</summary>
    public int PaddedUnits { get; }

    /// <summary>How many panels there are.</summary>
    public int PanelCount { get; }

    /// <summary>Groups in every panel but perhaps the last.</summary>
    public int GroupsPerPanel { get; }

    /// <summary>Floats in all panels together.</summary>
    public int StorageLength => checked(Rows * Gates * PaddedUnits);

    /// <summary>Real columns: gates times units.</summary>
    public int Columns => Gates * Units;

    /// <summary>Stored columns: gates times padded units.</summary>
    public int StoredColumns => Gates * PaddedUnits;

    /// <summary>Whether a panel's first group holds a later gate than the first, so that the gates follow in a circle.</summary>
    public bool StartsAtLaterGate => _firstGate != 0;

    /// <summary>A count rounded up to whole groups.</summary>
    public static int PadToGroup(int count) => (count + GroupSize - 1) / GroupSize * GroupSize;

    /// <summary>Groups in panel <paramref name="panel"/>.</summary>
    public int GroupsIn(int panel) => Gates == 1 ? Math.Min(WideGroups, PaddedUnits / GroupSize - WideGroups * panel) : Gates;

    /// <summary>Floats from one group of a panel to the next.</summary>
    public int GroupStride => Rows * GroupSize;

    /// <summary>Where panel <paramref name="panel"/> begins.</summary>
    public int PanelOffset(int panel) => panel * Rows * GroupsPerPanel * GroupSize;

    /// <summary>The logical column of a group's first float.</summary>
    public int ColumnOf(int panel, int group) =>
        Gates == 1 ? (panel * WideGroups + group) * GroupSize : (group + _firstGate) % Gates * Units + panel * GroupSize;

    /// <summary>How many of a group's 16 columns are real.</summary>
    public int ValidIn(int panel, int group) =>
        Math.Min(GroupSize, Units - GroupSize * (Gates == 1 ? panel * WideGroups + group : panel));

    /// <summary>Copies a row-major logical matrix into panels; padding becomes zero.</summary>
    public void Pack(ReadOnlySpan<float> logical, Span<float> storage)
    {
        storage[..StorageLength].Clear();
        foreach ((int from, int to, int count) in Runs())
            logical.Slice(from, count).CopyTo(storage[to..]);
    }

    /// <summary>Copies panels into a row-major logical matrix.</summary>
    public void Unpack(ReadOnlySpan<float> storage, Span<float> logical)
    {
        foreach ((int to, int from, int count) in Runs())
            storage.Slice(from, count).CopyTo(logical[to..]);
    }

    /// <summary>Sets to zero what lies in no real column.</summary>
    public void ClearPadding(Span<float> storage)
    {
        for (int panel = 0; panel < PanelCount; panel++)
            for (int group = 0; group < GroupsIn(panel); group++)
            {
                int real = ValidIn(panel, group), start = PanelOffset(panel) + group * GroupStride;
                if (real == GroupSize) continue;
                for (int row = 0; row < Rows; row++) storage.Slice(start + row * GroupSize + real, GroupSize - real).Clear();
            }
    }

    /// <summary>Every run of real columns: its logical start, its place in the storage, its length.</summary>
    private IEnumerable<(int Logical, int Stored, int Count)> Runs()
    {
        for (int panel = 0; panel < PanelCount; panel++)
            for (int group = 0; group < GroupsIn(panel); group++)
                for (int row = 0; row < Rows; row++)
                    yield return (row * Columns + ColumnOf(panel, group),
                        PanelOffset(panel) + group * GroupStride + row * GroupSize, ValidIn(panel, group));
    }
}

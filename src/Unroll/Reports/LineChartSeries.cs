namespace Unroll.Reports;

/// <summary>A line or, with <paramref name="Upper"/>, a band of a <see cref="LineChart"/>.</summary>
/// <param name="Name">The name in the legend, not escaped.</param>
/// <param name="X">Positions, in days for dates.</param>
/// <param name="Y">Values, or the band's lower edge.</param>
/// <param name="Upper">The band's upper edge; null for a line.</param>
/// <param name="Colour">Number of the colour in the style sheet.</param>
internal sealed record LineChartSeries(string Name, double[] X, double[] Y, double[]? Upper, int Colour)
{
    public bool IsBand => Upper is not null;

    /// <summary>
    /// The indices to draw: all of them, or for a line with far more points than the picture has columns the first,
    /// lowest, highest and last of each column, which gives the same picture from a small file. −1 stands for a gap.
    /// </summary>
    public List<int> Visible(Func<int, bool> isDrawable, Func<int, double> column, int columns)
    {
        var visible = new List<int>();
        bool thin = !IsBand && X.Length > 4 * columns;
        for (int i = 0; i < X.Length;)
        {
            if (!isDrawable(i))
            {
                if (visible.Count > 0 && visible[^1] != -1) visible.Add(-1);
                i++;
                continue;
            }
            int end = i + 1;
            if (thin)
            {
                double here = Math.Floor(column(i));
                while (end < X.Length && isDrawable(end) && Math.Floor(column(end)) == here) end++;
            }
            AddColumn(visible, i, end);
            i = end;
        }
        return visible;
    }

    private void AddColumn(List<int> visible, int start, int end)
    {
        int lowest = start, highest = start;
        for (int i = start + 1; i < end; i++)
        {
            if (Y[i] < Y[lowest]) lowest = i;
            if (Y[i] > Y[highest]) highest = i;
        }
        Span<int> kept = [start, Math.Min(lowest, highest), Math.Max(lowest, highest), end - 1];
        int last = -1;
        foreach (int index in kept)
        {
            if (index == last) continue;
            visible.Add(index);
            last = index;
        }
    }
}

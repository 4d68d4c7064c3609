using System.Globalization;

namespace Unroll.Cli.Forecasting;

/// <summary>How much of each series' end is held out: a number of rows, or a share of them.</summary>
/// <param name="Rows">Rows; null for a share.</param>
/// <param name="Share">The share, in [0, 1).</param>
internal readonly record struct TestSize(int? Rows, double Share)
{
    /// <summary>Reads "36" as rows, "0.2" as a share and "0" as nothing.</summary>
    public static bool TryParse(string text, out TestSize size)
    {
        size = default;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int rows))
        {
            size = new TestSize(rows, 0);
            return true;
        }
        if (!double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double share) || share is not (>= 0 and < 1)) return false;
        size = new TestSize(null, share);
        return true;
    }

    /// <summary>The rows for a series of that many; a share gives at least one horizon.</summary>
    public int Of(int count, int horizon) => Rows ?? (Share == 0 ? 0 : Math.Max(horizon, (int)Math.Round(Share * count)));
}

using System.Globalization;

namespace Unroll.Reports;

/// <summary>Horizontal bars from zero, one a name, with the value beside each: scores of several models, for example.</summary>
public sealed class BarChart : Chart
{
    private const double Width = 900, Step = 30, Thickness = 18;
    private const int LongestName = 28;
    private readonly List<(string Name, double Value, bool Highlighted)> _bars = [];

    /// <summary>A chart without bars.</summary>
    /// <param name="title">What the picture shows.</param>
    public BarChart(string title) : base(title)
    {
    }

    /// <summary>What the length of a bar means, with its unit; null for none.</summary>
    public string? ValueLabel { get; init; }

    /// <summary>How many decimals the written values have, 0 to 9; null for as many as they need, up to six digits.</summary>
    public int? Decimals { get; init; }

    /// <summary>Adds a bar below the others and returns this chart.</summary>
    /// <param name="name">What the bar stands for; longer than 28 characters it is cut.</param>
    /// <param name="value">Its length; negative values go to the left, NaN and infinity are written without a bar.</param>
    /// <param name="highlighted">Whether it is drawn in the second colour, to stand out.</param>
    public BarChart AddBar(string name, double value, bool highlighted = false)
    {
        ArgumentNullException.ThrowIfNull(name);
        _bars.Add((name, value, highlighted));
        return this;
    }

    internal override void WriteTo(TextWriter writer)
    {
        WriteOpening(writer);
        double low = 0, high = 0;
        foreach ((_, double value, _) in _bars)
        {
            if (!double.IsFinite(value)) continue;
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }
        if (low == high) high = 1;
        int longest = _bars.Count == 0 ? 0 : _bars.Max(bar => Shortened(bar.Name, LongestName).Length);
        // Room for the names at the left and for the values beyond both ends of the bars.
        double left = 20 + 7.2 * longest + (low < 0 ? 80 : 0), right = Width - 90;
        double height = 8 + Step * Math.Max(1, _bars.Count) + (ValueLabel is null ? 4 : 24);
        double At0(double value) => left + (right - left) * ((value / 2 - low / 2) / (high / 2 - low / 2));

        writer.Write($"<svg viewBox=\"0 0 {At(Width)} {At(height)}\" {Accessible}>\n");
        for (int i = 0; i < _bars.Count; i++)
        {
            (string name, double value, bool highlighted) = _bars[i];
            double middle = 8 + Step * i + Step / 2, zero = At0(0);
            writer.Write($"<text x=\"{At(left - (low < 0 ? 80 : 0) - 10)}\" y=\"{At(middle)}\" dy=\".35em\" text-anchor=\"end\"><title>{HtmlText.Escape(name)}</title>{HtmlText.Escape(Shortened(name, LongestName))}</text>");
            bool drawn = double.IsFinite(value);
            double end = drawn ? At0(value) : zero;
            if (drawn)
                writer.Write($"<rect class=\"f{(highlighted ? 1 : 0)}\" x=\"{At(Math.Min(zero, end))}\" y=\"{At(middle - Thickness / 2)}\" width=\"{At(Math.Abs(end - zero))}\" height=\"{At(Thickness)}\" rx=\"2\"/>");
            bool leftwards = drawn && value < 0;
            writer.Write($"<text class=\"value\" x=\"{At(end + (leftwards ? -8 : 8))}\" y=\"{At(middle)}\" dy=\".35em\" text-anchor=\"{(leftwards ? "end" : "start")}\">{HtmlText.Escape(Written(value))}</text>\n");
        }
        writer.Write($"<line class=\"axis\" x1=\"{At(At0(0))}\" x2=\"{At(At0(0))}\" y1=\"8\" y2=\"{At(8 + Step * Math.Max(1, _bars.Count))}\"/>\n");
        if (ValueLabel is string label)
            writer.Write($"<text x=\"{At((left + right) / 2)}\" y=\"{At(height - 6)}\" text-anchor=\"middle\">{HtmlText.Escape(label)}</text>\n");
        writer.Write("</svg>\n</figure>\n");
    }

    private string Written(double value) => Decimals is int decimals && double.IsFinite(value)
        ? value.ToString("N" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
        : AxisTicks.Number(value);
}

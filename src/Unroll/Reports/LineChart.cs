using System.Globalization;

namespace Unroll.Reports;

/// <summary>
/// Lines over numbers or dates, with shaded bands between quantiles, and a mark where the forecast starts. A value that
/// is NaN or infinite, or not above zero on a logarithmic axis, leaves a gap.
/// </summary>
public sealed class LineChart : Chart
{
    private readonly List<LineChartSeries> _series = [];
    private bool? _dates;
    private int _lines;
    private (double X, string Label)? _mark;

    /// <summary>A chart without lines.</summary>
    /// <param name="title">What the picture shows.</param>
    public LineChart(string title) : base(title)
    {
    }

    /// <summary>The horizontal axis's name and unit; null for none.</summary>
    public string? XLabel { get; init; }

    /// <summary>The vertical axis's name and unit; null for none.</summary>
    public string? YLabel { get; init; }

    /// <summary>Whether the vertical axis is logarithmic, as suits a training loss. Default no.</summary>
    public bool LogarithmicY { get; init; }

    /// <summary>Whether the horizontal axis is logarithmic, as suits sizes that grow by factors; for numbers, not dates. Default no.</summary>
    public bool LogarithmicX { get; init; }

    internal IReadOnlyList<LineChartSeries> Series => _series;

    internal (double X, string Label)? Mark => _mark;

    internal bool HasDates => _dates == true;

    /// <summary>Adds a line over numbers and returns this chart.</summary>
    /// <param name="name">Its name in the legend.</param>
    /// <param name="x">Positions, in the order in which they are joined.</param>
    /// <param name="y">Values, as many; NaN for a gap.</param>
    /// <exception cref="ArgumentException">Unequal lengths, or earlier positions were dates.</exception>
    public LineChart AddLine(string name, ReadOnlySpan<double> x, ReadOnlySpan<double> y) => Add(name, x.ToArray(), y, default, dates: false);

    /// <summary>Adds a line over dates and returns this chart.</summary>
    /// <inheritdoc cref="AddLine(string, ReadOnlySpan{double}, ReadOnlySpan{double})"/>
    /// <exception cref="ArgumentException">Unequal lengths, or earlier positions were numbers.</exception>
    public LineChart AddLine(string name, ReadOnlySpan<DateTime> x, ReadOnlySpan<double> y) => Add(name, Positions(x), y, default, dates: true);

    /// <summary>Shades the area between two quantiles, in the colour of the line added last, and returns this chart.</summary>
    /// <param name="name">Its name in the legend.</param>
    /// <param name="x">Positions, ascending.</param>
    /// <param name="lower">The lower quantile, as many values; NaN for a gap.</param>
    /// <param name="upper">The upper quantile, as many values; NaN for a gap.</param>
    /// <exception cref="ArgumentException">Unequal lengths, or earlier positions were dates.</exception>
    public LineChart AddBand(string name, ReadOnlySpan<double> x, ReadOnlySpan<double> lower, ReadOnlySpan<double> upper) =>
        Add(name, x.ToArray(), lower, upper, dates: false, band: true);

    /// <inheritdoc cref="AddBand(string, ReadOnlySpan{double}, ReadOnlySpan{double}, ReadOnlySpan{double})"/>
    /// <exception cref="ArgumentException">Unequal lengths, or earlier positions were numbers.</exception>
    public LineChart AddBand(string name, ReadOnlySpan<DateTime> x, ReadOnlySpan<double> lower, ReadOnlySpan<double> upper) =>
        Add(name, Positions(x), lower, upper, dates: true, band: true);

    /// <summary>Draws a dashed vertical line, such as where the forecast starts, and returns this chart.</summary>
    /// <param name="x">Its position.</param>
    /// <param name="label">The word beside it.</param>
    /// <exception cref="ArgumentException">Earlier positions were dates, or the position is not finite.</exception>
    public LineChart MarkAt(double x, string label = "forecast")
    {
        if (!double.IsFinite(x)) throw new ArgumentException($"LineChart '{Title}': the mark's position is {AxisTicks.Number(x)}, expected a finite number.", nameof(x));
        return SetMark(x, label, dates: false);
    }

    /// <inheritdoc cref="MarkAt(double, string)"/>
    /// <exception cref="ArgumentException">Earlier positions were numbers.</exception>
    public LineChart MarkAt(DateTime x, string label = "forecast") => SetMark(DateTicks.Position(x), label, dates: true);

    /// <summary>The picture alone, with title and legend, as the text of an SVG file that needs no style sheet.</summary>
    public string ToSvg()
    {
        const int titleTop = 26, legendTop = 50, drawingTop = 62, swatch = 22, characterWidth = 8;
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        int height = drawingTop + LineChartDrawing.Height;
        writer.Write($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {LineChartDrawing.Width} {height}\" width=\"{LineChartDrawing.Width}\" {Accessible}>\n");
        writer.Write($"<style>{ReportStyle.Standalone}</style>\n<rect width=\"{LineChartDrawing.Width}\" height=\"{height}\" fill=\"#ffffff\"/>\n");
        writer.Write($"<text x=\"14\" y=\"{titleTop}\">{HtmlText.Escape(Title)}</text>\n");
        int left = 14;
        foreach (LineChartSeries series in _series)
        {
            writer.Write(series.IsBand
                ? $"<path class=\"band f{series.Colour}\" d=\"M{left} {legendTop}v-12h{swatch}v12z\"/>"
                : $"<path class=\"series s{series.Colour}\" d=\"M{left} {legendTop - 5}h{swatch}\"/>");
            writer.Write($"<text x=\"{left + swatch + 6}\" y=\"{legendTop}\">{HtmlText.Escape(series.Name)}</text>\n");
            left += swatch + 24 + characterWidth * series.Name.Length;
        }
        new LineChartDrawing(this).WriteTo(writer, $"y=\"{drawingTop}\" width=\"{LineChartDrawing.Width}\" height=\"{LineChartDrawing.Height}\"");
        writer.Write("</svg>\n");
        return writer.ToString();
    }

    internal override void WriteTo(TextWriter writer)
    {
        WriteOpening(writer);
        new LineChartDrawing(this).WriteTo(writer, Accessible);
        writer.Write("<ul class=\"legend\">\n");
        foreach (LineChartSeries series in _series)
            writer.Write($"<li><i class=\"f{series.Colour}{(series.IsBand ? " area" : "")}\"></i>{HtmlText.Escape(series.Name)}</li>\n");
        writer.Write("</ul>\n</figure>\n");
    }

    private LineChart SetMark(double x, string label, bool dates)
    {
        ArgumentNullException.ThrowIfNull(label);
        CheckKind(dates);
        _mark = (x, label);
        return this;
    }

    private LineChart Add(string name, double[] x, ReadOnlySpan<double> lower, ReadOnlySpan<double> upper, bool dates, bool band = false)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (lower.Length != x.Length || (band && upper.Length != x.Length))
        {
            string found = band ? $"{lower.Length} and {upper.Length}" : $"{lower.Length}";
            throw new ArgumentException($"LineChart '{Title}', series '{name}': expected as many values as positions ({x.Length}), received {found}.", nameof(lower));
        }
        CheckKind(dates);
        int colour = band ? Math.Max(0, _lines - 1) : _lines++;
        _series.Add(new LineChartSeries(name, x, lower.ToArray(), band ? upper.ToArray() : null, colour % Colours));
        return this;
    }

    private void CheckKind(bool dates)
    {
        if (_dates is bool earlier && earlier != dates)
            throw new ArgumentException($"LineChart '{Title}': expected {(earlier ? "dates" : "numbers")} on the horizontal axis, as before, received {(dates ? "dates" : "numbers")}.");
        if (dates && LogarithmicX) throw new ArgumentException($"LineChart '{Title}': a logarithmic horizontal axis has numbers, not dates.");
        _dates = dates;
    }

    private static double[] Positions(ReadOnlySpan<DateTime> dates)
    {
        var positions = new double[dates.Length];
        for (int i = 0; i < positions.Length; i++) positions[i] = DateTicks.Position(dates[i]);
        return positions;
    }
}

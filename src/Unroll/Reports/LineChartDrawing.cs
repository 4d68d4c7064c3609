using System.Text;

namespace Unroll.Reports;

/// <summary>The SVG of one <see cref="LineChart"/>: ranges, ticks and paths in a frame of 900 by 340.</summary>
internal sealed class LineChartDrawing
{
    /// <summary>The frame, in the picture's own units.</summary>
    public const int Width = 900, Height = 340;

    private const double Top = 14, Right = 22;

    private readonly LineChart _chart;
    private readonly double _left, _bottom;
    private readonly (double Low, double High) _x, _y;
    private readonly AxisTicks _xTicks, _yTicks;
    private readonly bool _empty;

    public LineChartDrawing(LineChart chart)
    {
        _chart = chart;
        (double low, double high) x = (double.PositiveInfinity, double.NegativeInfinity), y = x;
        foreach (LineChartSeries series in chart.Series)
        {
            for (int i = 0; i < series.X.Length; i++)
            {
                if (!IsDrawable(series, i)) continue;
                x = (Math.Min(x.low, series.X[i]), Math.Max(x.high, series.X[i]));
                y = (Math.Min(y.low, series.Y[i]), Math.Max(y.high, series.Y[i]));
                if (series.Upper is double[] upper) y = (Math.Min(y.low, upper[i]), Math.Max(y.high, upper[i]));
            }
        }
        _empty = !(x.low <= x.high);
        if (_empty) (x, y) = ((1, 10), (1, 10));
        else if (chart.Mark is (double mark, _)) x = (Math.Min(x.low, mark), Math.Max(x.high, mark));

        _x = Widened(x.low, x.high, 0, chart.LogarithmicX);
        _y = Widened(y.low, y.high, 0.04, chart.LogarithmicY);
        _yTicks = chart.LogarithmicY ? AxisTicks.Logarithmic(_y.Low, _y.High, 7) : AxisTicks.Linear(_y.Low, _y.High, 7);
        _xTicks = chart.HasDates ? DateTicks.Between(_x.Low, _x.High, 8)
            : chart.LogarithmicX ? AxisTicks.Logarithmic(_x.Low, _x.High, 9) : AxisTicks.Linear(_x.Low, _x.High, 9);
        int longest = _yTicks.Labels.Length == 0 ? 1 : _yTicks.Labels.Max(label => label.Length);
        _left = 14 + 7.2 * longest + (chart.YLabel is null ? 0 : 20);
        _bottom = Height - (chart.XLabel is null ? 28 : 46);
    }

    public void WriteTo(TextWriter writer, string accessible)
    {
        writer.Write($"<svg viewBox=\"0 0 {At(Width)} {At(Height)}\" {accessible}>\n");
        WriteAxes(writer);
        if (_empty)
            writer.Write($"<text x=\"{At((_left + Width - Right) / 2)}\" y=\"{At((Top + _bottom) / 2)}\" text-anchor=\"middle\">no finite values to draw</text>\n");
        foreach (LineChartSeries series in _chart.Series.Where(s => s.IsBand)) WriteBand(writer, series);
        WriteMark(writer);
        foreach (LineChartSeries series in _chart.Series.Where(s => !s.IsBand)) WriteLine(writer, series);
        writer.Write("</svg>\n");
    }

    private void WriteAxes(TextWriter writer)
    {
        for (int i = 0; i < _yTicks.Values.Length && !_empty; i++)
        {
            string y = At(Y(_yTicks.Values[i]));
            writer.Write($"<line class=\"grid\" x1=\"{At(_left)}\" x2=\"{At(Width - Right)}\" y1=\"{y}\" y2=\"{y}\"/>");
            writer.Write($"<text x=\"{At(_left - 8)}\" y=\"{y}\" dy=\".35em\" text-anchor=\"end\">{HtmlText.Escape(_yTicks.Labels[i])}</text>\n");
        }
        for (int i = 0; i < _xTicks.Values.Length && !_empty; i++)
        {
            string x = At(X(_xTicks.Values[i]));
            writer.Write($"<line class=\"axis\" x1=\"{x}\" x2=\"{x}\" y1=\"{At(_bottom)}\" y2=\"{At(_bottom + 5)}\"/>");
            writer.Write($"<text x=\"{x}\" y=\"{At(_bottom + 20)}\" text-anchor=\"middle\">{HtmlText.Escape(_xTicks.Labels[i])}</text>\n");
        }
        writer.Write($"<line class=\"axis\" x1=\"{At(_left)}\" x2=\"{At(Width - Right)}\" y1=\"{At(_bottom)}\" y2=\"{At(_bottom)}\"/>\n");
        if (_chart.XLabel is string xLabel)
            writer.Write($"<text x=\"{At((_left + Width - Right) / 2)}\" y=\"{At(Height - 6)}\" text-anchor=\"middle\">{HtmlText.Escape(xLabel)}</text>\n");
        if (_chart.YLabel is string yLabel)
            writer.Write($"<text transform=\"translate(13 {At((Top + _bottom) / 2)}) rotate(-90)\" text-anchor=\"middle\">{HtmlText.Escape(yLabel)}</text>\n");
    }

    private void WriteMark(TextWriter writer)
    {
        if (_chart.Mark is not (double position, string label) || _empty) return;
        double x = X(position);
        bool rightHalf = x > Width * 0.8; // the word goes where there is room
        writer.Write($"<line class=\"start\" x1=\"{At(x)}\" x2=\"{At(x)}\" y1=\"{At(Top)}\" y2=\"{At(_bottom)}\"/>");
        writer.Write($"<text x=\"{At(x + (rightHalf ? -6 : 6))}\" y=\"{At(Top + 9)}\" text-anchor=\"{(rightHalf ? "end" : "start")}\">{HtmlText.Escape(label)}</text>\n");
    }

    private void WriteLine(TextWriter writer, LineChartSeries series)
    {
        var path = new StringBuilder();
        var dots = new StringBuilder();
        foreach (List<int> run in Runs(series))
        {
            if (run.Count == 1) // a lone value between gaps: a path of one point draws nothing
                dots.Append($"<circle class=\"dot f{series.Colour}\" cx=\"{At(X(series.X[run[0]]))}\" cy=\"{At(Y(series.Y[run[0]]))}\" r=\"2.5\"/>\n");
            else
                AppendPath(path, run.Select(i => (X(series.X[i]), Y(series.Y[i]))));
        }
        if (path.Length > 0) writer.Write($"<path class=\"series s{series.Colour}\" d=\"{path}\"/>\n");
        writer.Write(dots.ToString());
    }

    private void WriteBand(TextWriter writer, LineChartSeries series)
    {
        var path = new StringBuilder();
        foreach (List<int> run in Runs(series))
        {
            IEnumerable<(double, double)> there = run.Select(i => (X(series.X[i]), Y(series.Upper![i])));
            IEnumerable<(double, double)> back = Enumerable.Reverse(run).Select(i => (X(series.X[i]), Y(series.Y[i])));
            AppendPath(path, there.Concat(back));
            path.Append('Z');
        }
        if (path.Length > 0) writer.Write($"<path class=\"band f{series.Colour}\" d=\"{path}\"/>\n");
    }

    private IEnumerable<List<int>> Runs(LineChartSeries series)
    {
        var run = new List<int>();
        foreach (int index in series.Visible(i => IsDrawable(series, i), i => X(series.X[i]), (int)Width))
        {
            if (index >= 0)
            {
                run.Add(index);
                continue;
            }
            if (run.Count > 0) yield return run;
            run = [];
        }
        if (run.Count > 0) yield return run;
    }

    private static void AppendPath(StringBuilder path, IEnumerable<(double X, double Y)> points)
    {
        char command = 'M';
        foreach ((double x, double y) in points)
        {
            path.Append(command).Append(At(x)).Append(' ').Append(At(y));
            command = 'L';
        }
    }

    private bool IsDrawable(LineChartSeries series, int i) =>
        double.IsFinite(series.X[i]) && (!_chart.LogarithmicX || series.X[i] > 0) && IsDrawable(series.Y[i]) && (series.Upper is not double[] upper || IsDrawable(upper[i]));

    private bool IsDrawable(double value) => double.IsFinite(value) && (!_chart.LogarithmicY || value > 0);

    private double X(double value) => _left + (Width - Right - _left) * Share(value, _x, _chart.LogarithmicX);

    private double Y(double value) => _bottom - (_bottom - Top) * Share(value, _y, _chart.LogarithmicY);

    private static double Share(double value, (double Low, double High) range, bool logarithmic) => logarithmic
        ? (Math.Log10(value) - Math.Log10(range.Low)) / (Math.Log10(range.High) - Math.Log10(range.Low))
        : (value / 2 - range.Low / 2) / (range.High / 2 - range.Low / 2); // halves: the difference of two huge ends may overflow

    // A range of one value gets room on both sides; any other range a margin on both.
    private static (double Low, double High) Widened(double low, double high, double margin, bool logarithmic)
    {
        if (logarithmic)
        {
            if (low == high) return (low / 2, high * 2);
            double factor = Math.Pow(high / low, margin);
            return (low / factor, high * factor);
        }
        if (low == high)
        {
            double room = low == 0 ? 1 : Math.Abs(low) * 0.1;
            return (low - room, high + room);
        }
        double extra = (high / 2 - low / 2) * 2 * margin;
        return (Math.Max(low - extra, -double.MaxValue / 2), Math.Min(high + extra, double.MaxValue / 2));
    }

    private static string At(double coordinate) => Chart.At(coordinate);
}

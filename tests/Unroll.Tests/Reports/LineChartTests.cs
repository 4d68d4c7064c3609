using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Unroll.Reports;

namespace Unroll.Tests.Reports;

public class LineChartTests
{
    private static XElement Figure(Chart chart)
    {
        using var writer = new StringWriter();
        chart.WriteTo(writer);
        return XElement.Parse(writer.ToString());
    }

    private static string[] Paths(XElement figure, string kind) =>
        [.. figure.Descendants("path").Where(path => path.Attribute("class")!.Value.StartsWith(kind, StringComparison.Ordinal)).Select(path => path.Attribute("d")!.Value)];

    private static (double X, double Y)[] Points(string path) =>
        [.. Regex.Matches(path, "[ML]([-0-9.]+) ([-0-9.]+)").Select(match => (Number(match.Groups[1].Value), Number(match.Groups[2].Value)))];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    // The height of a labelled tick: what a reader measures the lines against.
    private static double TickY(XElement figure, string label) =>
        Number(figure.Descendants("text").Single(text => text.Value == label && text.Attribute("text-anchor")!.Value == "end").Attribute("y")!.Value);

    private static double TickX(XElement figure, string label) =>
        Number(figure.Descendants("text").Single(text => text.Value == label && text.Attribute("text-anchor")!.Value == "middle").Attribute("x")!.Value);

    [Fact]
    public void Points_lie_where_the_axes_say()
    {
        XElement figure = Figure(new LineChart("t").AddLine("a", [0.0, 4, 10], [100.0, 300, 200]));
        (double X, double Y)[] points = Points(Assert.Single(Paths(figure, "series")));
        Assert.Equal([TickX(figure, "0"), TickX(figure, "4"), TickX(figure, "10")], points.Select(point => point.X));
        Assert.Equal([TickY(figure, "100"), TickY(figure, "300"), TickY(figure, "200")], points.Select(point => point.Y));
        Assert.True(points[1].Y < points[0].Y);
        Assert.True(points[1].X > points[0].X);
    }

    [Fact]
    public void Dates_lie_where_the_axes_say_and_the_forecast_is_marked()
    {
        DateTime[] days = [new(2024, 2, 28), new(2024, 2, 29), new(2024, 3, 1)];
        XElement figure = Figure(new LineChart("t").AddLine("a", days, [1.0, 2, 3]).MarkAt(days[1], "from here"));
        Assert.Equal([TickX(figure, "02-28 00:00"), TickX(figure, "02-29 00:00"), TickX(figure, "03-01 00:00")], Points(Paths(figure, "series")[0]).Select(point => point.X));
        XElement mark = figure.Descendants("line").Single(line => line.Attribute("class")!.Value == "start");
        Assert.Equal(TickX(figure, "02-29 00:00"), Number(mark.Attribute("x1")!.Value));
        Assert.Contains(figure.Descendants("text"), text => text.Value == "from here");
    }

    [Fact]
    public void Equal_factors_are_equal_heights_on_a_logarithmic_axis()
    {
        XElement figure = Figure(new LineChart("t") { LogarithmicY = true }.AddLine("a", [1.0, 2, 3, 4, 5], [0.01, 0.1, 1, 0, -1]));
        (double X, double Y)[] points = Points(Assert.Single(Paths(figure, "series")));
        Assert.Equal(3, points.Length); // 0 and −1 have no logarithm
        Assert.Equal(points[0].Y - points[1].Y, points[1].Y - points[2].Y, 0.02);
        Assert.Equal(TickY(figure, "0.1"), points[1].Y);
    }

    [Fact]
    public void Equal_factors_are_equal_distances_on_a_logarithmic_horizontal_axis()
    {
        XElement figure = Figure(new LineChart("t") { LogarithmicX = true }.AddLine("a", [0.0, 1, 10, 100, 1000], [5.0, 1, 2, 3, 4]));
        (double X, double Y)[] points = Points(Assert.Single(Paths(figure, "series")));
        Assert.Equal(4, points.Length); // 0 has no logarithm
        Assert.Equal(points[1].X - points[0].X, points[2].X - points[1].X, 0.02);
        Assert.Equal(points[2].X - points[1].X, points[3].X - points[2].X, 0.02);
        Assert.Throws<ArgumentException>(() => new LineChart("t") { LogarithmicX = true }.AddLine("a", new[] { DateTime.UnixEpoch }, [1.0]));
    }

    [Fact]
    public void Values_that_are_not_finite_leave_gaps_and_a_lone_value_is_a_dot()
    {
        XElement figure = Figure(new LineChart("t").AddLine("a", [1.0, 2, 3, 4, 5, 6, 7], [1, 2, double.NaN, 3, double.PositiveInfinity, 2, 1]));
        string path = Assert.Single(Paths(figure, "series"));
        Assert.Equal(2, path.Count(c => c == 'M'));
        Assert.Equal(4, Points(path).Length);
        XElement dot = Assert.Single(figure.Descendants("circle"));
        Assert.Equal(TickX(figure, "4"), Number(dot.Attribute("cx")!.Value));
    }

    [Fact]
    public void A_band_goes_along_the_upper_edge_and_back_along_the_lower()
    {
        XElement figure = Figure(new LineChart("t").AddLine("mean", [0.0, 1], [2.0, 2]).AddBand("80%", [0.0, 1], [1.0, 1], [3.0, 4]));
        string path = Assert.Single(Paths(figure, "band"));
        Assert.EndsWith("Z", path, StringComparison.Ordinal);
        (double X, double Y)[] points = Points(path);
        Assert.Equal([TickY(figure, "3.0"), TickY(figure, "4.0"), TickY(figure, "1.0"), TickY(figure, "1.0")], points.Select(point => point.Y));
        Assert.Equal([points[0].X, points[1].X], [points[3].X, points[2].X]);
        Assert.Contains("f0", figure.Descendants("path").First().Attribute("class")!.Value, StringComparison.Ordinal); // the line's colour
        Assert.Equal(["mean", "80%"], figure.Descendants("li").Select(item => item.Value));
    }

    [Fact]
    public void A_long_line_is_thinned_and_keeps_its_extremes()
    {
        double[] x = [.. Enumerable.Range(0, 50_000).Select(i => (double)i)];
        double[] y = [.. x.Select(i => i == 31_234 ? 100.0 : i % 7)];
        XElement figure = Figure(new LineChart("t").AddLine("a", x, y));
        (double X, double Y)[] points = Points(Paths(figure, "series")[0]);
        Assert.InRange(points.Length, 900, 3700);
        Assert.Equal(TickY(figure, "100"), points.Min(point => point.Y));
        Assert.Equal(TickY(figure, "0"), points.Max(point => point.Y));
    }

    [Theory]
    [InlineData(5.0)]
    [InlineData(0.0)]
    [InlineData(-1e30)]
    [InlineData(1e308)]
    public void A_constant_series_lies_in_the_middle(double value)
    {
        XElement figure = Figure(new LineChart("t").AddLine("a", [1.0, 2], [value, value]));
        (double _, double y) = Points(Paths(figure, "series")[0])[0];
        Assert.Equal((14 + 312) / 2.0, y, 0.01);
    }

    [Fact]
    public void A_chart_without_values_says_so()
    {
        Assert.Contains(Figure(new LineChart("t")).Descendants("text"), text => text.Value == "no finite values to draw");
        Assert.Contains(Figure(new LineChart("t").AddLine("a", [1.0], [double.NaN])).Descendants("text"), text => text.Value == "no finite values to draw");
    }

    [Fact]
    public void Wrong_series_are_refused()
    {
        Assert.StartsWith("LineChart 't', series 'a': expected as many values as positions (2), received 1.",
            Assert.Throws<ArgumentException>(() => new LineChart("t").AddLine("a", [1.0, 2], [1.0])).Message, StringComparison.Ordinal);
        Assert.StartsWith("LineChart 't', series 'b': expected as many values as positions (1), received 1 and 2.",
            Assert.Throws<ArgumentException>(() => new LineChart("t").AddBand("b", [1.0], [1.0], [1.0, 2])).Message, StringComparison.Ordinal);
        Assert.Equal("LineChart 't': expected dates on the horizontal axis, as before, received numbers.",
            Assert.Throws<ArgumentException>(() => new LineChart("t").AddLine("a", [DateTime.UnixEpoch], [1.0]).MarkAt(3)).Message);
    }

    [Fact]
    public void Bars_are_as_long_as_their_values_and_negative_ones_go_left()
    {
        XElement figure = Figure(new BarChart("t").AddBar("a", 4).AddBar("b", -2, highlighted: true).AddBar("c", double.NaN));
        XElement[] bars = [.. figure.Descendants("rect")];
        Assert.Equal(2, bars.Length);
        double zero = Number(figure.Descendants("line").Single().Attribute("x1")!.Value);
        Assert.Equal(zero, Number(bars[0].Attribute("x")!.Value), 0.02);
        Assert.Equal(zero, Number(bars[1].Attribute("x")!.Value) + Number(bars[1].Attribute("width")!.Value), 0.02);
        Assert.Equal(2, Number(bars[0].Attribute("width")!.Value) / Number(bars[1].Attribute("width")!.Value), 0.001);
        Assert.Equal(["f0", "f1"], bars.Select(bar => bar.Attribute("class")!.Value));
        Assert.Equal(["4", "-2", "–"], figure.Descendants("text").Where(text => text.Attribute("class") is not null).Select(text => text.Value));
    }

    [Fact]
    public void A_bars_value_has_the_decimals_asked_for() => Assert.Contains(
        Figure(new BarChart("t") { Decimals = 2 }.AddBar("a", 14.9)).Descendants("text"), text => text.Value == "14.90");

    [Fact]
    public void A_picture_alone_has_its_title_legend_and_colours()
    {
        XElement svg = XElement.Parse(new LineChart("a < b").AddLine("up & on", [0.0, 1], [1.0, 2]).AddBand("between", [0.0, 1], [0.0, 1], [2.0, 3]).AddLine("down", [0.0, 1], [2.0, 1]).ToSvg());
        XNamespace ns = "http://www.w3.org/2000/svg";
        Assert.Equal(ns + "svg", svg.Name);
        string[] texts = [.. svg.Elements(ns + "text").Select(text => text.Value)];
        Assert.Equal(["a < b", "up & on", "between", "down"], texts);
        string style = svg.Element(ns + "style")!.Value;
        string[] kinds = [.. svg.Elements(ns + "path").Select(path => path.Attribute("class")!.Value)];
        Assert.Equal(["series s0", "band f0", "series s1"], kinds);
        Assert.All(kinds, kind => Assert.Contains("." + kind.Split(' ')[1] + " {", style, StringComparison.Ordinal));
        Assert.Equal(2, svg.Element(ns + "svg")!.Elements(ns + "path").Count(path => path.Attribute("class")!.Value.StartsWith("series", StringComparison.Ordinal)));
    }
}

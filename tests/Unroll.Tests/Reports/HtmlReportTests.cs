using System.Text.RegularExpressions;
using System.Xml.Linq;
using Unroll.Reports;

namespace Unroll.Tests.Reports;

public class HtmlReportTests
{
    private const string Hostile = "</title></svg></style><script>alert('x')</script>\" onload=\"y\" & \0\ud800";

    internal static string Written(HtmlReport report)
    {
        using var writer = new StringWriter { NewLine = "\r\n" };
        report.WriteTo(writer);
        return writer.ToString();
    }

    private static HtmlReport Full(string text) => new HtmlReport(text)
        .AddHeading(text)
        .AddParagraph(text)
        .AddKeyValues([new(text, text)])
        .AddTable(new ReportTable(text, "n") { Caption = text }.AddRow(text, "1"))
        .AddChart(new LineChart(text) { XLabel = text, YLabel = text }.AddLine(text, [1.0, 2], [3.0, 4]).AddBand(text, [1.0, 2], [2.0, 3], [4.0, 5]).MarkAt(1.5, text))
        .AddChart(new BarChart(text) { ValueLabel = text }.AddBar(text, 2));

    // The body with HTML's void elements closed is XML, so that an XML parser can judge the markup.
    private static XElement Body(string html) =>
        XElement.Parse(Regex.Match(html, "<body>.*</body>", RegexOptions.Singleline).Value);

    [Fact]
    public void Hostile_text_stays_text_everywhere()
    {
        string html = Written(Full(Hostile));
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\0', html);
        Assert.DoesNotContain('\ud800', html);
        XElement body = Body(html);
        string shown = Hostile.Replace('\0', '\ufffd').Replace('\ud800', '\ufffd');
        Assert.Equal(shown, body.Descendants("h1").Single().Value);
        Assert.Equal(shown, body.Descendants("p").Single().Value);
        Assert.Equal(shown, body.Descendants("dd").Single().Value);
        Assert.Equal(shown, body.Descendants("caption").Single().Value);
        Assert.Equal([shown, shown], body.Descendants("figcaption").Select(caption => caption.Value));
        Assert.All(body.Descendants("svg"), svg => Assert.Equal(shown, svg.Attribute("aria-label")!.Value));
        Assert.Equal([shown, shown], body.Descendants("li").Select(item => item.Value));
        Assert.All(body.DescendantsAndSelf().Attributes(), attribute => Assert.DoesNotContain("onload", attribute.Name.LocalName, StringComparison.Ordinal));
    }

    [Fact]
    public void Pairs_of_surrogates_and_line_ends_survive_escaping() =>
        Assert.Equal("a\n\t😀&lt;&gt;&amp;&quot;&#39;\ufffd", HtmlText.Escape("a\n\t😀<>&\"'\u0085"));

    [Fact]
    public void The_file_needs_nothing_else_and_is_the_same_each_time()
    {
        string html = Written(Full("plain"));
        Assert.Equal(html, Written(Full("plain")));
        Assert.DoesNotContain('\r', html);
        Assert.DoesNotMatch("https?:|src=|href=|@import|url\\(", html);
        Assert.Contains("prefers-color-scheme: dark", html, StringComparison.Ordinal);
        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Sections_appear_in_the_order_in_which_they_were_added() => Assert.Equal(
        ["h1", "h2", "p", "dl", "div", "figure", "figure"],
        Body(Written(Full("x"))).Element("main")!.Elements().Select(element => element.Name.LocalName));

    [Fact]
    public void Columns_of_numbers_alone_stand_to_the_right()
    {
        HtmlReport report = new HtmlReport("t").AddTable(new ReportTable("name", "score", "share", "mixed")
            .AddRow("a", "1,234.5", "3 %", "1").AddRow("b", "–", "", "x"));
        XElement[] header = [.. Body(Written(report)).Descendants("th")];
        Assert.Equal([null, "number", "number", null], header.Select(cell => cell.Attribute("class")?.Value));
        Assert.Equal("1,234.5", Body(Written(report)).Descendants("td").First(cell => cell.Attribute("class") is not null).Value);
    }

    [Fact]
    public void A_row_of_another_length_is_refused() => Assert.Equal(
        "ReportTable: expected 2 cells, as many as the header has, received 1. (Parameter 'cells')",
        Assert.Throws<ArgumentException>(() => new ReportTable("a", "b").AddRow("x")).Message);
}

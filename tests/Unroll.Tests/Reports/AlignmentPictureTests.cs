using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Unroll.Reports;

namespace Unroll.Tests.Reports;

public sealed class AlignmentPictureTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    private static AlignmentPicture Picture() => new("Sätze <1>", ["the", "<cat>"], ["le", "chat", "&"], new float[,] { { 0.75f, 0.25f }, { 0f, 1f }, { float.NaN, 1.5f } });

    [Fact]
    public void A_cell_is_as_dark_as_its_weight_and_stands_beside_its_tokens()
    {
        XElement svg = XElement.Parse(Picture().ToSvg());
        XElement[] cells = [.. svg.Descendants(s_svg + "rect").Where(cell => cell.Attribute("class")?.Value == "f0")];
        Assert.Equal(["0.75", "0.25", "1", "1"], cells.Select(cell => cell.Attribute("fill-opacity")!.Value));
        double At(int cell, string axis) => double.Parse(cells[cell].Attribute(axis)!.Value, CultureInfo.InvariantCulture);
        Assert.Equal(At(0, "y"), At(1, "y"));
        Assert.Equal(At(1, "x"), At(2, "x"));
        Assert.Equal(22, At(2, "y") - At(1, "y"), 1e-9);
        double Middle(string token) => double.Parse(svg.Descendants(s_svg + "text").Single(text => text.Value == token).Attribute("y")!.Value, CultureInfo.InvariantCulture);
        Assert.Equal(At(2, "y") + 10, Middle("chat"), 1e-9);
        Assert.Equal(["Sätze <1>", "the", "<cat>", "le", "chat", "&"], svg.Descendants(s_svg + "text").Select(text => text.Value));
        Assert.Equal(Picture().ToSvg(), Picture().ToSvg());
    }

    [Fact]
    public void In_a_report_it_takes_the_colours_of_the_page()
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        Picture().WriteTo(writer);
        XElement figure = XElement.Parse(writer.ToString());
        Assert.Equal("Sätze <1>", figure.Element("figcaption")!.Value);
        Assert.DoesNotContain("#", writer.ToString(), StringComparison.Ordinal);
        Assert.Equal(4, figure.Descendants("rect").Count(cell => cell.Attribute("class")!.Value == "f0"));
    }

    [Fact]
    public void Long_tokens_and_long_sentences_are_cut_and_the_picture_says_so()
    {
        string[] source = [.. Enumerable.Range(0, 130).Select(i => "s" + i.ToString(CultureInfo.InvariantCulture))];
        string word = new('w', 40);
        string svg = new AlignmentPicture("t", source, [word], new float[1, 130]).ToSvg();
        Assert.Contains("120 of 130 source tokens, 1 of 1 target tokens", svg, StringComparison.Ordinal);
        Assert.Contains(">s119<", svg, StringComparison.Ordinal);
        Assert.DoesNotContain(">s120<", svg, StringComparison.Ordinal);
        Assert.Contains($">{new string('w', 23)}…<", svg, StringComparison.Ordinal);
        XElement.Parse(new AlignmentPicture("nothing", [], [], new float[0, 0]).ToSvg());
    }

    [Fact]
    public void The_weights_are_kept_as_numbers()
    {
        JsonNode json = JsonNode.Parse(Picture().ToJson())!;
        Assert.Equal(["the", "<cat>"], json["source"]!.AsArray().Select(token => (string)token!));
        Assert.Equal(["le", "chat", "&"], json["target"]!.AsArray().Select(token => (string)token!));
        Assert.Equal(0.25f, (float)json["weights"]![0]![1]!);
        Assert.Null(json["weights"]![2]![0]);
        Assert.Equal(1.5f, (float)json["weights"]![2]![1]!);
    }

    [Fact]
    public void Weights_of_another_shape_are_refused() =>
        Assert.Contains("expected weights [1, 2]", Assert.Throws<ArgumentException>(() => new AlignmentPicture("t", ["a", "b"], ["c"], new float[2, 1])).Message, StringComparison.Ordinal);
}

using System.Xml.Linq;
using Unroll.Cli.Bench;
using Unroll.Cli.Bench.Growth;

namespace Unroll.Tests.Cli.Bench;

public class GrowthReportTests
{
    private static readonly GrowthReport s_report = new([(
        new GrowthSweep("units", "2 rows", [Shape(16), Shape(64)], shape => shape.Units),
        [new GrowthPoint(Shape(16), 0.5, 1.25, 1_000_000, 4_000_000, 1.5, 2_000_000), new GrowthPoint(Shape(64), 8, 5, 4_000_000, 16_000_000, 5.5, 4_000_000)])]);

    [Fact]
    public void The_table_has_times_memory_and_the_powers_with_which_they_grew()
    {
        string page = s_report.Markdown("Growth", "facts", "g.svg");
        Assert.Contains("## Units (2 rows)\n", page, StringComparison.Ordinal);
        Assert.Contains("| 16 | 0.5000 |  | 1.250 |  | 1.000 |  | 4.000 |  | 1.20 | 0.50 |\n| 64 | 8.000 | 2.00 | 5.000 | 1.00 | 4.000 | 1.00 | 16.000 | 1.00 | 1.10 | 0.25 |\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_picture_is_svg_with_two_charts_a_sweep()
    {
        var picture = XDocument.Parse(s_report.Svg());
        Assert.Equal(2, picture.Root!.Elements().Count(element => element.Name.LocalName == "svg"));
        Assert.Equal(4, picture.Descendants().Count(element => element.Name.LocalName == "path"));
    }

    [Fact]
    public void The_sweeps_reach_from_the_least_to_the_greatest_size()
    {
        Assert.Equal(
            [("steps", 100, 100_000), ("units", 16, 2048), ("batch", 1, 512)],
            GrowthSweep.All.Select(sweep => (sweep.Name, sweep.Size(sweep.Shapes[0]), sweep.Size(sweep.Shapes[^1]))));
        // Only one size grows.
        Assert.All(GrowthSweep.All, sweep => Assert.Equal(2, new[] { sweep.Shapes.Select(s => s.Steps), sweep.Shapes.Select(s => s.Units), sweep.Shapes.Select(s => s.Batch) }.Count(sizes => sizes.Distinct().Count() == 1)));
    }

    private static BenchShape Shape(int units) => new("s", "lstm", 2, 3, units, units, 1, false, false);
}

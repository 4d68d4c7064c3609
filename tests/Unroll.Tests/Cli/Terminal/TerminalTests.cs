using System.Text;
using Unroll.Cli.Terminal;

namespace Unroll.Tests.Cli.Terminal;

public class TerminalTests
{
    private static string[] Chart(int width, bool unicode, int height, params float[][] series)
    {
        var chart = new TerminalChart { Height = height, FirstLabel = "1949-01", LastLabel = "1949-09" };
        for (int i = 0; i < series.Length; i++) chart.AddSeries(i == 0 ? "observed" : "forecast", series[i]);
        return [.. chart.Render(width, unicode)];
    }

    [Fact]
    public void A_chart_in_ASCII_has_points_where_the_values_are()
    {
        string[] lines = Chart(30, unicode: false, 5, [0, 1, 2, 3, 4, 3, float.NaN, 1, 0], [float.NaN, float.NaN, float.NaN, float.NaN, float.NaN, 3, 2, 2, 0]);
        Assert.Equal(
            [
                "4 +             *",
                "  |          *     #",
                "2 +      *             o  o",
                "  |   *                   *",
                "0 +*                         #",
                "  +---------------------------",
                "   1949-01             1949-09",
                "   * observed   o forecast",
            ],
            lines.Select(line => line.TrimEnd()));
    }

    [Fact]
    public void Braille_dots_join_neighbours_and_leave_gaps()
    {
        // 28 columns are 56 dots; from the bottom left to the top right, two dots of width a dot of height.
        string[] lines = Chart(31, unicode: true, 7, [0, 27]);
        Assert.Equal("20", lines[2][..2]);
        Assert.Equal("└" + new string('─', 27), lines[7].TrimStart());
        string picture = string.Concat(lines.Take(7).Select(line => line[4..].PadRight(27)));
        int dots = picture.Where(c => c != ' ').Sum(c => System.Numerics.BitOperations.PopCount((uint)(c - '\u2800')));
        Assert.Equal(54, dots);
        Assert.Equal('\u2840', (char)(picture[6 * 27] & '\u2840')); // the lowest dot of the first character
        Assert.Equal('\u2808', (char)(picture[26] & '\u2808')); // the highest of the last
        Assert.All(picture.Where(c => c != ' '), c => Assert.InRange(c, '\u2801', '\u28ff'));

        string gap = string.Concat(Chart(31, unicode: true, 7, [0, float.NaN, 27]).Take(7).Select(line => line[4..]));
        Assert.Equal(2, gap.Where(c => c is > '\u2800' and <= '\u28ff').Sum(c => System.Numerics.BitOperations.PopCount((uint)(c - '\u2800'))));
    }

    [Theory]
    [InlineData(30)]
    [InlineData(80)]
    [InlineData(131)]
    public void No_line_is_longer_than_the_width(int width)
    {
        float[] values = [.. Enumerable.Range(0, 500).Select(i => (i % 37) * 12345f)];
        Assert.All(Chart(width, unicode: true, 14, values, values).SkipLast(1), line => Assert.InRange(line.Length, 1, width)); // the last names the series
        Assert.All(Chart(width, unicode: false, 14, values), line =>
        {
            Assert.InRange(line.Length, 1, width);
            Assert.All(line, c => Assert.InRange(c, ' ', '~'));
        });
    }

    [Fact]
    public void Odd_series_are_drawn_or_refused()
    {
        Assert.Equal(["(no values to draw)"], new TerminalChart().AddSeries("a", [float.NaN]).Render(40, true));
        Assert.Contains(Chart(40, false, 5, [7, 7, 7]), line => line.Contains('*', StringComparison.Ordinal) && !line.Contains("observed", StringComparison.Ordinal));
        Assert.StartsWith("TerminalChart: expected 2 values as in the first series, received 1.",
            Assert.Throws<ArgumentException>(() => new TerminalChart().AddSeries("a", [1, 2]).AddSeries("b", [1])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_is_plain_and_aligned_outside_a_terminal()
    {
        using var output = new StringWriter { NewLine = "\n" };
        Scores().WriteTo(new Screen { Output = output, Error = TextWriter.Null });
        Assert.Equal("forecast     RMSE\nnetwork      14.2\n[red] naive   102\n", output.ToString());
    }

    [Fact]
    public void A_table_is_ruled_on_a_terminal()
    {
        using var output = new StringWriter { NewLine = "\n" };
        Scores().WriteTo(new Screen { Output = output, Error = TextWriter.Null, OutputIsTerminal = true, Unicode = false });
        string[] lines = output.ToString().ReplaceLineEndings("\n").TrimEnd().Split('\n');
        Assert.Equal("| [red] naive |  102 |", lines[^2].TrimEnd());
        Assert.Equal("+--------------------+", lines[^1].TrimEnd());
    }

    [Fact]
    public void Progress_outside_a_terminal_is_a_line_every_few_seconds()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var clock = new ManualClock();
        var progress = new PlainProgress(output, "training", 10, "epochs", clock, TimeSpan.FromSeconds(3));
        for (int epoch = 1; epoch <= 10; epoch++)
        {
            clock.Seconds += 1;
            progress.Report(new ProgressStep(epoch, epoch == 4 ? "loss 0.5" : ""));
        }
        progress.Report(new ProgressStep(10));
        Assert.Equal(
            "training: 1/10 epochs, 1.00 epochs/s, 9 s left\n" +
            "training: 4/10 epochs, 1.00 epochs/s, 6 s left, loss 0.5\n" +
            "training: 7/10 epochs, 1.00 epochs/s, 3 s left\n" +
            "training: 10/10 epochs, 1.00 epochs/s, took 10 s\n",
            output.ToString());
    }

    [Fact]
    public void Progress_within_the_first_step_has_no_rate_yet()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var clock = new ManualClock();
        var progress = new PlainProgress(output, "training", 200, "epochs", clock, TimeSpan.FromSeconds(3));
        clock.Seconds = 10; // preparation
        progress.Report(new ProgressStep(0.1, "loss 0.5"));
        clock.Seconds = 20;
        progress.Report(new ProgressStep(100));
        Assert.Equal("training: 0.1/200 epochs, loss 0.5\ntraining: 100/200 epochs, 5.00 epochs/s, 20 s left\n", output.ToString());
    }

    [Fact]
    public void Progress_towards_another_total_ends_there()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var clock = new ManualClock();
        var progress = new PlainProgress(output, "training", 100, "epochs", clock, TimeSpan.FromSeconds(3));
        foreach ((double completed, double? total) in new (double, double?)[] { (1, null), (4, 8), (8, null) })
        {
            clock.Seconds += 4;
            progress.Report(new ProgressStep(completed, Total: total));
        }
        Assert.Equal(
            "training: 1/100 epochs, 0.25 epochs/s, 6 min 36 s left\n" +
            "training: 4/8 epochs, 0.50 epochs/s, 8 s left\n" +
            "training: 8/8 epochs, 0.67 epochs/s, took 12 s\n",
            output.ToString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Progress_returns_what_the_work_returned_and_shows_it(bool terminal)
    {
        using var error = new StringWriter { NewLine = "\n" };
        var screen = new Screen { Output = TextWriter.Null, Error = error, ErrorIsTerminal = terminal };
        int result = ProgressDisplay.Run(screen, "training", 2, "epochs", progress =>
        {
            progress.Report(new ProgressStep(1));
            progress.Report(new ProgressStep(2, "[loss] 0.25"));
            return 42;
        });
        Assert.Equal(42, result);
        Assert.Contains("training", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("[loss] 0.25", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(7.4, "7 s")]
    [InlineData(125, "2 min 05 s")]
    [InlineData(5400, "1 h 30 min")]
    public void Durations_are_written_in_two_units(double seconds, string expected) =>
        Assert.Equal(expected, PlainProgress.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("utf-8", null, null, null, true)]
    [InlineData("utf-8", null, null, "en_US.UTF-8", true)]
    [InlineData("utf-8", null, null, "C", false)]
    [InlineData("utf-8", "C.UTF-8", null, "C", true)]
    [InlineData("utf-8", "", "POSIX", "en_US.UTF-8", false)]
    [InlineData("us-ascii", null, null, "en_US.UTF-8", false)]
    public void Unicode_is_used_where_the_console_and_the_locale_have_it(string encoding, string? all, string? ctype, string? lang, bool expected)
    {
        string? Variable(string name) => name switch { "LC_ALL" => all, "LC_CTYPE" => ctype, "LANG" => lang, _ => throw new ArgumentException(name) };
        Assert.Equal(expected, Screen.CanShowUnicode(Encoding.GetEncoding(encoding), Variable));
    }

    private static TerminalTable Scores() => new TerminalTable("forecast", "RMSE").AddRow("network", "14.2").AddRow("[red] naive", "102");

    private sealed class ManualClock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}

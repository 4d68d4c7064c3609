using Unroll.Bench.Comparison;
using Unroll.Cli.Bench;

namespace Unroll.Tests.Bench.Comparison;

public class ComparisonTests
{
    [Theory]
    [InlineData("model name\t: AMD EPYC\ncpu family\t: 25\nflags\t: fpu avx2", "AMD EPYC (Zen 3)", "amd-epyc-zen3", false)]
    [InlineData("model name\t: AMD EPYC\ncpu family\t: 26\nflags\t: fpu avx512f", "AMD EPYC (Zen 5)", "amd-epyc-zen5", true)]
    [InlineData("model name\t: AMD EPYC 9R14 96-Core Processor\ncpu family\t: 25\nflags\t: avx512f", "AMD EPYC 9R14 (Zen 4)", "amd-epyc-9r14-zen4", true)]
    [InlineData("model name\t: Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz\ncpu family\t: 6\nflags\t: avx512f", "Intel Xeon Platinum 8481C", "intel-xeon-platinum-8481c", true)]
    [InlineData("", "processor", "processor", false)]
    public void A_processor_has_a_title_and_a_file_name(string description, string title, string file, bool wide) =>
        Assert.Equal(new Processor(title, file, wide), Processor.Of(description));

    [Fact]
    public void Options_are_read()
    {
        CompareOptions options = CompareOptions.Parse(["--rounds", "5", "--seconds", "0.25", "--name", "mine", "--growth"]).Options!;
        Assert.Equal((5, 0.25, "mine", true, false, null), (options.Rounds, options.Seconds, options.Name, options.Growth, options.Quick, options.Text));
        CompareOptions quick = CompareOptions.Parse(["--quick"]).Options!;
        Assert.True(quick.Quick && quick.Rounds == 1 && quick.Seconds < 0.1);
    }

    [Theory]
    [InlineData("no option '--fast'.", "--fast")]
    [InlineData("--rounds needs a value.", "--rounds")]
    [InlineData("--rounds is '0'; expected a whole number from 1 to 1,000.", "--rounds", "0")]
    [InlineData("--seconds is '-1'; expected a number above 0 and at most 3600.", "--seconds", "-1")]
    [InlineData("--text is 'nowhere.txt'; expected a file that is there.", "--text", "nowhere.txt")]
    [InlineData("--name is '../x'; expected letters, digits, '-', '_' or '.'.", "--name", "../x")]
    public void Wrong_options_are_named(string error, params string[] arguments) => Assert.Equal((null, error), CompareOptions.Parse(arguments));

    [Fact]
    public void Results_of_unroll_and_of_peers_are_read_alike()
    {
        var own = Measurement.Parse("""{"peak_gflops": 100.5, "threads": 1, "vector_bits": 256, "results": [{"name": "a", "forward_ms": 2, "train_ms": 6.5, "allocated_bytes_per_step": 8}]}""", "u");
        Assert.Equal((100.5, 256, null), (own.Peak, own.VectorBits, own.Version));
        Assert.Equal(new ShapeFigures(2, 6.5, 8), own.Shapes["a"]);
        var peer = Measurement.Parse("""{"version": "1.2", "threads": 1, "results": [{"name": "a", "forward_ms": 3, "train_ms": null}]}""", "p");
        Assert.Equal("1.2", peer.Version);
        Assert.Equal(new ShapeFigures(3, null, null), peer.Shapes["a"]);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"threads": 1}""")]
    [InlineData("""{"results": [{"name": "a"}]}""")]
    [InlineData("""{"results": [{"name": "a", "forward_ms": 0, "train_ms": null}]}""")]
    public void A_file_that_holds_no_results_is_refused_by_name(string json) =>
        Assert.StartsWith("oneDNN", Assert.Throws<InvalidDataException>(() => Measurement.Parse(json, "oneDNN")).Message, StringComparison.Ordinal);

    [Fact]
    public void Rounds_merge_into_medians_and_the_better_number_of_threads()
    {
        Merged merged = Rounds((1, 5, 30, 90), (1, 9, 36, 100), (1, 6, 33, 95), (2, 4, 34, 180), (2, 3, 40, 190));
        Assert.Equal((6.0, 3.5), (merged.Forward("a", 1), merged.Forward("a", 2)));
        Assert.Equal((3.5, 33.0), (merged.BestForward("a"), merged.BestTrain("a")));
        Assert.Equal((100.0, 190.0), (merged.Peak(1), merged.Peak(2)));
        Assert.Null(merged.Forward("b", 1));
        Assert.Null(merged.BestTrain("b"));
        // Another setting's median is lower, though none of the first one's rounds took part in it.
        merged.Add(2, new Measurement { Shapes = new Dictionary<string, ShapeFigures> { ["a"] = new(2, 50, null) } }, "active");
        Assert.Equal((2.0, 33.0), (merged.BestForward("a"), merged.BestTrain("a")));
    }

    [Fact]
    public void The_page_has_percentages_ratios_means_and_who_was_absent()
    {
        // 2·4·16·(16 + 16)·10·10 = 409,600 operations; at a peak of 1 GFLOP/s they take 0.4096 ms.
        BenchShape shape = new("a", "lstm", 10, 10, 16, 16, 1, false, false), stream = new("s", "lstm", 1, 1, 16, 16, 1, false, false);
        Merged unroll = Rounds((1, 1.6384, 4.9152, 0.5), (2, 0.8192, 2.4576, 1)), torch = Rounds((1, 3.2768, 19.6608, 0), (2, 4, 20, 0));
        var run = new ComparisonRun
        {
            Processor = new Processor("AMD EPYC (Zen 3)", "amd-epyc-zen3", false),
            Options = new CompareOptions(),
            Shapes = [shape, stream],
            Libraries = [new Library { Name = "Unroll", Shown = "unroll bench" }, new Library { Name = "PyTorch", Shown = "torch" }, new Library { Name = "oneDNN", Shown = "d", Absent = "no g++. Install it." }],
            Results = new Dictionary<string, Merged> { ["Unroll"] = unroll, ["PyTorch"] = torch },
        };
        string page = new ComparisonReport(run).Markdown("x");
        Assert.Contains("# AMD EPYC (Zen 3)", page, StringComparison.Ordinal);
        Assert.Contains("oneDNN was absent: no g++. Install it.\n", page, StringComparison.Ordinal);
        Assert.Contains("0.5 GFLOP/s on one thread, 1.0 on two, 2.00 times as many.", page, StringComparison.Ordinal);
        Assert.Contains("| a | 1.64 / 4.92 | 0.819 / 2.46 | 50 / 50 | 2.00 / 2.00 | 0 |\n", page, StringComparison.Ordinal);
        Assert.Contains("| a | 3.28 / 19.7 | 4.00 / 20.0 | 13 / 6 | 50 / 50 | 4.00 / 8.00 |\n", page, StringComparison.Ordinal);
        Assert.Contains("| geometric mean | | | | | 4.00 / 8.00 |\n| least | | | | | 4.00 / 8.00 |\n", page, StringComparison.Ordinal);
        Assert.Contains("| s | 819.20 | - | - | 3276.80 (4.00) |\n", page, StringComparison.Ordinal);
        Assert.DoesNotContain("UNROLL_SIMD=256", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_geometric_mean_leaves_out_what_is_not_there()
    {
        Assert.Equal(4, ComparisonReport.GeometricMean([2, null, 8])!.Value, 1e-12);
        Assert.Null(ComparisonReport.GeometricMean([null]));
    }

    [Fact]
    public void OneDnn_is_given_the_shapes_that_its_primitives_take()
    {
        string[] left = [.. ShapeList.Embedded().Where(shape => !Libraries.Fits(shape)).Select(shape => shape.Name)];
        Assert.Equal(["ragged_128", "ragged_gru_256_bi"], left);
        Assert.False(Libraries.Fits(new BenchShape("two", "lstm", 1, 2, 3, 4, 2, false, false)));
    }

    private static Merged Rounds(params (int Threads, double Forward, double Train, double Peak)[] rounds)
    {
        var merged = new Merged();
        foreach ((int threads, double forward, double train, double peak) in rounds)
        {
            var figures = new ShapeFigures(forward, train, 0);
            merged.Add(threads, new Measurement { Shapes = new Dictionary<string, ShapeFigures> { ["a"] = figures, ["s"] = figures with { TrainMilliseconds = null } }, Peak = peak, VectorBits = 256 });
        }
        return merged;
    }
}

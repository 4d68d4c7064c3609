using System.Globalization;
using System.Text.Json.Nodes;

namespace Unroll.Bench.Comparison;

/// <summary>Characters a second of the character language model, by library, units and threads, a figure a round.</summary>
internal sealed class LanguageModelSpeeds
{
    /// <summary>The widths measured, with two layers, 50 rows and 50 steps.</summary>
    public static readonly int[] Widths = [128, 512];

    /// <summary>The libraries that train it.</summary>
    public static readonly string[] Compared = ["Unroll", "PyTorch"];

    private readonly Dictionary<(string Library, int Units, int Threads), List<double>> _figures = [];

    /// <summary>Adds a round's figure.</summary>
    public void Add(string library, int units, int threads, double charactersPerSecond)
    {
        if (!_figures.TryGetValue((library, units, threads), out List<double>? figures)) _figures[(library, units, threads)] = figures = [];
        figures.Add(charactersPerSecond);
    }

    /// <summary>The median over the rounds; null where it was not measured.</summary>
    public double? Of(string library, int units, int threads) => BenchFigures.Median(_figures.GetValueOrDefault((library, units, threads)) ?? []);

    /// <summary>The better number of threads' figure.</summary>
    public double? Best(string library, int units) => _figures.Keys.Where(key => key.Library == library && key.Units == units).Max(key => Of(library, units, key.Threads));

    /// <summary>Runs one library's program once, PyTorch's in each of its settings, and adds its best figure.</summary>
    public void Measure(string library, CompareOptions options, int units, int threads, string result, string peers, CancellationToken cancel)
    {
        string[] sizes = ["--units", Text(units), "--layers", "2", "--batch", "50", "--steps", "50", "--iterations", Text(options.Iterations(units)), "--threads", Text(threads), "--json", result];
        double best = 0;
        foreach (string setting in library == "Unroll" ? [""] : Libraries.TorchWaits(threads))
        {
            IReadOnlyList<string> command = library == "Unroll"
                ? [.. Libraries.Cli, "bench", "language-model", options.Text!, .. sizes]
                : [Libraries.Python, Path.Combine(peers, "torch_language_model.py"), options.Text!, .. sizes, "--wait", setting];
            ChildProcess.Run(command, new Dictionary<string, string?>(), cancel);
            best = Math.Max(best, (double)JsonNode.Parse(File.ReadAllText(result))!["characters_per_second"]!);
        }
        Add(library, units, threads, best);
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}

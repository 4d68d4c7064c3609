using Unroll.Cli.Bench;

namespace Unroll.Bench.Comparison;

/// <summary>Everything that one run measured.</summary>
internal sealed record ComparisonRun
{
    public required Processor Processor { get; init; }

    public required CompareOptions Options { get; init; }

    public required IReadOnlyList<BenchShape> Shapes { get; init; }

    /// <summary>Unroll first, then the peers, absent ones too.</summary>
    public required IReadOnlyList<Library> Libraries { get; init; }

    /// <summary>By the library's name; Unroll is always there.</summary>
    public required IReadOnlyDictionary<string, Merged> Results { get; init; }

    /// <summary>Unroll with vectors of 256 bits, on a processor that has wider ones; else null.</summary>
    public Merged? Narrow { get; init; }

    /// <summary>The character language model; null without a text.</summary>
    public LanguageModelSpeeds? LanguageModel { get; init; }

    public Merged Unroll => Results["Unroll"];

    /// <summary>The measured peers, in order.</summary>
    public IEnumerable<string> Peers => Libraries.Select(library => library.Name).Where(name => name != "Unroll" && Results.ContainsKey(name));
}

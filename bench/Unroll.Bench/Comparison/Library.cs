namespace Unroll.Bench.Comparison;

/// <summary>A library that is measured: how to start it, or why it cannot be.</summary>
internal sealed record Library
{
    public required string Name { get; init; }

    /// <summary>Why it is not measured and what to do about it; null where it is.</summary>
    public string? Absent { get; init; }

    /// <summary>The command line for that many threads, a setting of <see cref="Settings"/> and a file for its results.</summary>
    public Func<int, string, string, IReadOnlyList<string>> Command { get; init; } = (_, _, _) => [];

    /// <summary>The settings to try on that many threads, where none is the fastest everywhere; the best counts.</summary>
    public Func<int, IReadOnlyList<string>> Settings { get; init; } = _ => [""];

    /// <summary>Environment variables for that many threads; null removes one.</summary>
    public Func<int, IReadOnlyDictionary<string, string?>> Environment { get; init; } = _ => new Dictionary<string, string?>();

    /// <summary>The command line as a reader would type it.</summary>
    public required string Shown { get; init; }
}

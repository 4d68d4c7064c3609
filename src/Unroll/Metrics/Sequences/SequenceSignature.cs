namespace Unroll.Metrics.Sequences;

/// <summary>What the signatures of scores have in common.</summary>
internal static class SequenceSignature
{
    /// <summary>Whose definition made the number: ours, so that nobody takes it for sacreBLEU's own output.</summary>
    public static string Version { get; } = "unroll-" + typeof(SequenceSignature).Assembly.GetName().Version?.ToString(3);

    /// <summary>How many references a sentence has: a number, or "var" where it varies.</summary>
    public static string References(IReadOnlyList<IReadOnlyList<string>> references)
    {
        int count = references[0].Count;
        foreach (IReadOnlyList<string> some in references)
            if (some.Count != count) return "var";
        return FormattableString.Invariant($"{count}");
    }
}

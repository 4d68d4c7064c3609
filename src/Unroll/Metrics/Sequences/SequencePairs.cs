namespace Unroll.Metrics.Sequences;

/// <summary>The checks of what is scored against what.</summary>
internal static class SequencePairs
{
    /// <summary>As many of the one as of the other, and at least one.</summary>
    public static void RequireEqual(string metric, int hypotheses, int references, string hypothesisName = "hypotheses", string referenceName = "references")
    {
        if (hypotheses != references)
            throw new ArgumentException($"{metric}: expected as many {hypothesisName} as {referenceName}, received {hypotheses} and {references}.");
        if (hypotheses == 0) throw new ArgumentException($"{metric}: expected at least one sentence, received none.");
    }

    /// <summary>Texts that pair off, none of them null.</summary>
    public static void Check(string metric, IReadOnlyList<string> hypotheses, IReadOnlyList<string> references)
    {
        ArgumentNullException.ThrowIfNull(hypotheses);
        ArgumentNullException.ThrowIfNull(references);
        RequireEqual(metric, hypotheses.Count, references.Count);
        for (int i = 0; i < hypotheses.Count; i++)
        {
            if (hypotheses[i] is null) throw Null(metric, $"hypothesis {i}");
            if (references[i] is null) throw Null(metric, $"reference {i}");
        }
    }

    /// <summary>Texts with at least one reference each, none of them null.</summary>
    /// <returns>The references that count: as in sacreBLEU an empty one does not stand beside others.</returns>
    public static IReadOnlyList<IReadOnlyList<string>> Check(string metric, IReadOnlyList<string> hypotheses, IReadOnlyList<IReadOnlyList<string>> references)
    {
        ArgumentNullException.ThrowIfNull(hypotheses);
        ArgumentNullException.ThrowIfNull(references);
        RequireEqual(metric, hypotheses.Count, references.Count, "hypotheses", "lists of references (one list for each sentence)");
        var counted = new IReadOnlyList<string>[references.Count];
        for (int i = 0; i < hypotheses.Count; i++)
        {
            if (hypotheses[i] is null) throw Null(metric, $"hypothesis {i}");
            if (references[i] is null || references[i].Count == 0)
                throw new ArgumentException($"{metric}: expected at least one reference for sentence {i}, received none.");
            for (int j = 0; j < references[i].Count; j++)
                if (references[i][j] is null) throw Null(metric, $"reference {j} of sentence {i}");
            counted[i] = references[i].Count == 1 || !references[i].Contains("") ? references[i] : [.. references[i].Where(text => text.Length > 0).DefaultIfEmpty("")];
        }
        return counted;
    }

    /// <summary>Each reference as a list of its own.</summary>
    public static IReadOnlyList<string>[] One(IReadOnlyList<string> references)
    {
        ArgumentNullException.ThrowIfNull(references);
        var lists = new IReadOnlyList<string>[references.Count];
        for (int i = 0; i < lists.Length; i++) lists[i] = [references[i]];
        return lists;
    }

    private static ArgumentException Null(string metric, string which) =>
        new($"{metric}: {which} is null; give an empty text for a sentence without words.");
}

namespace Unroll.Metrics.Sequences;

/// <summary>What happens to a token on the way from the reference to the hypothesis.</summary>
public enum EditKind
{
    /// <summary>It stays.</summary>
    Hit,

    /// <summary>Another stands in its place.</summary>
    Substitution,

    /// <summary>The hypothesis lacks it.</summary>
    Deletion,

    /// <summary>The reference lacks it.</summary>
    Insertion,
}

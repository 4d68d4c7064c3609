namespace Unroll.Metrics.Sequences;

/// <summary>How a hypothesis lies against its reference.</summary>
/// <typeparam name="T">What is compared: words, characters, ids.</typeparam>
/// <param name="Hypothesis">The tokens that are judged.</param>
/// <param name="Reference">The tokens that they are judged by.</param>
/// <param name="Steps">From front to back: each token of either side stands in one step.</param>
public sealed record TokenAlignment<T>(IReadOnlyList<T> Hypothesis, IReadOnlyList<T> Reference, IReadOnlyList<EditStep> Steps)
{
    /// <summary>How many steps there are of each kind.</summary>
    public ErrorCounts Counts => new(Count(EditKind.Hit), Count(EditKind.Substitution), Count(EditKind.Deletion), Count(EditKind.Insertion));

    private int Count(EditKind kind) => Steps.Count(step => step.Kind == kind);
}

namespace Unroll.Decoding;

/// <summary>The best way to spread a label sequence over the steps of one sequence.</summary>
/// <param name="Steps">For each step which of the labels it belongs to, from 0; −1 for a blank.</param>
/// <param name="Starts">For each label its first step.</param>
/// <param name="Ends">For each label the step after its last one.</param>
/// <param name="LogProbability">log of the probability of this path.</param>
public sealed record CtcAlignment(IReadOnlyList<int> Steps, IReadOnlyList<int> Starts, IReadOnlyList<int> Ends, double LogProbability);

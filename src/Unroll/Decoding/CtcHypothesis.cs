namespace Unroll.Decoding;

/// <summary>A label sequence that a decoder read from one sequence of outputs.</summary>
/// <param name="Labels">Class indices, without blanks.</param>
/// <param name="LogProbability">
/// log of its probability: of the best path for the greedy decoder; for the beam search of all paths that were kept.
/// </param>
/// <param name="Score">What hypotheses are ordered by: the log probability plus what the language model added.</param>
public sealed record CtcHypothesis(IReadOnlyList<int> Labels, double LogProbability, double Score);

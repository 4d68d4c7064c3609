namespace Unroll.Metrics.Sequences;

/// <summary>One step of an alignment.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Hypothesis">Which token of the hypothesis, from 0; −1 for a deletion.</param>
/// <param name="Reference">Which token of the reference, from 0; −1 for an insertion.</param>
public readonly record struct EditStep(EditKind Kind, int Hypothesis, int Reference);

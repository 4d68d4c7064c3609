namespace Unroll.Metrics.Sequences;

/// <summary>An entity or chunk in a sentence of tags.</summary>
/// <param name="Type">What stands behind the hyphen: "PER" of "B-PER".</param>
/// <param name="Start">Its first step, from 0.</param>
/// <param name="End">The step after its last one.</param>
public readonly record struct EntitySpan(string Type, int Start, int End);

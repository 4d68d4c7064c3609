namespace Unroll.Interop;

/// <summary>What <see cref="BertCheckpoint.Load"/> did.</summary>
/// <param name="Loaded">The parameters that took their numbers from the file, by the model's names.</param>
/// <param name="Left">Those of heads that the file has not: they are as they were.</param>
/// <param name="Ignored">Tensors of the file that the model has no place for: heads, the pooler, tables of place numbers.</param>
public sealed record BertLoading(IReadOnlyList<string> Loaded, IReadOnlyList<string> Left, IReadOnlyList<string> Ignored);

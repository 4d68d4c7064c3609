using Unroll.Basics;

namespace Unroll.Tensors;

/// <summary>A note on a tensor that goes into an output head: which one, and the pass it was made in.</summary>
/// <param name="Head">The head; null on any other tensor.</param>
/// <param name="Training">Whether the pass trains.</param>
/// <param name="Draws">The stream of the head's random draws at this step.</param>
internal readonly record struct OutputMark(object? Head, bool Training, RandomStream Draws);

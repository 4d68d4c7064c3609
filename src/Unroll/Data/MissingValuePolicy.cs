namespace Unroll.Data;

/// <summary>What is done with a value that is absent (NaN) from a series.</summary>
public enum MissingValuePolicy
{
    /// <summary>The default: a series with a gap is refused, and the error names the first row.</summary>
    Refuse,

    /// <summary>The last known value before the gap; a gap at the start takes the first known value after it.</summary>
    Previous,

    /// <summary>
    /// A straight line between the known neighbours; a gap at either end takes the nearest known value. It looks
    /// ahead: a gap that straddles a split boundary is filled from beyond it. Where that matters, take
    /// <see cref="Previous"/>.
    /// </summary>
    Linear,

    /// <summary>Zero.</summary>
    Zero,
}

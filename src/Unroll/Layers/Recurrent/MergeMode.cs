namespace Unroll.Layers;

/// <summary>How a bidirectional layer joins its two directions.</summary>
public enum MergeMode
{
    /// <summary>Side by side: [.., 2H], forward first.</summary>
    Concat,

    /// <summary>The sum.</summary>
    Sum,

    /// <summary>The product, element by element.</summary>
    Multiply,

    /// <summary>Half the sum.</summary>
    Average,
}

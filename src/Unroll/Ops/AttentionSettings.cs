using Unroll.Basics;

namespace Unroll.Ops;

/// <summary>How <see cref="ScaledDotProductAttentionOp"/> attends.</summary>
/// <param name="Heads">How many heads the columns are divided into, at least 1.</param>
internal readonly record struct AttentionSettings(int Heads)
{
    /// <summary>Whether query i sees keys 0 to i + <see cref="Offset"/> alone. Default false: every real key.</summary>
    public bool Causal { get; init; }

    /// <summary>How many keys stand before the first query: the steps of earlier calls that a cache holds. Default 0.</summary>
    public int Offset { get; init; }

    /// <summary>The number of the first query, where a sequence's queries come in several calls: a coordinate of the drops' draws. Default 0.</summary>
    public int FirstQuery { get; init; }

    /// <summary>What scores are multiplied with; null, the default, for 1 / √d.</summary>
    public float? Scale { get; init; }

    /// <summary>The share of weights dropped, in [0, 1). Default 0.</summary>
    public float Dropout { get; init; }

    /// <summary>Where the drops are drawn.</summary>
    public RandomStream Draws { get; init; }
}

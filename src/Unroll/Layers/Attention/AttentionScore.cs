namespace Unroll.Layers;

/// <summary>How <see cref="MultiplicativeAttention"/> compares a query q with a key k (Luong et al. 2015, arXiv 1508.04025, equation 8).</summary>
public enum AttentionScore
{
    /// <summary>qᵀ k: queries and keys are equally wide.</summary>
    Dot,

    /// <summary>qᵀ W k, with W trained.</summary>
    General,
}

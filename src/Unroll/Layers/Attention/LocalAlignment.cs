namespace Unroll.Layers;

/// <summary>Where <see cref="LocalAttention"/> puts the window of a query (Luong et al. 2015, arXiv 1508.04025, section 3.2).</summary>
public enum LocalAlignment
{
    /// <summary>Query t looks around key t ("local-m").</summary>
    Monotonic,

    /// <summary>The query h says where: p = S · σ(vᵀ tanh(W h)) among S keys, and keys weigh less the further they are from p ("local-p").</summary>
    Predictive,
}

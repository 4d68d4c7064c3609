using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>Which keys a query sees: those no further than <paramref name="Radius"/> from its centre (Luong et al. 2015, section 3.2).</summary>
/// <param name="Radius">D, at least 0.</param>
internal readonly record struct AttentionWindow(float Radius)
{
    /// <summary>[B, Tq, 1], in the queries' rows: each query's centre, counted from key 0. None for the query's own number.</summary>
    public Tensor Centres { get; init; }

    /// <summary>The number of the first query, where a sequence's queries come in several calls.</summary>
    public int FirstQuery { get; init; }
}

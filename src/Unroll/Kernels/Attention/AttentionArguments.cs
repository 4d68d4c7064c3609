using Unroll.Basics;

namespace Unroll.Kernels.Attention;

/// <summary>What the attention kernels need to know; a pair is one head of one sequence.</summary>
internal unsafe struct AttentionArguments
{
    public AttentionSide Queries, Keys, Values, Output;

    /// <summary>For each place of a sequence among the queries, its place among the keys.</summary>
    public int* KeyPlaces;

    public int Heads;

    /// <summary>What scores are multiplied with.</summary>
    public float Scale;

    /// <summary>Whether query i sees keys 0 to i + <see cref="Offset"/> alone.</summary>
    public bool Causal;

    public int Offset;

    /// <summary>[query rows, heads]: log Σ e^score, for the backward pass.</summary>
    public float* LogSums;

    /// <summary>The share of weights dropped; 0 for none.</summary>
    public float DropRate;

    public RandomStream Stream;

    /// <summary>[B, heads, Tq, Tk], zeros already, or null: where weights go.</summary>
    public float* Weights;

    internal int Part, Parts; // whose share

    /// <summary>How many pairs there are.</summary>
    public readonly int Pairs => Queries.Rows.Batch * Heads;

    /// <summary>Floating-point operations of one product over all pairs, were every sequence of full length.</summary>
    public readonly double OperationsOfProduct =>
        2.0 * Pairs * Queries.Rows.Steps * Keys.Rows.Steps * Math.Max(Keys.Width, Values.Width);

    /// <summary>How many of a pair's keys a query sees.</summary>
    public readonly int Visible(int query, int keys) => Causal ? (int)Math.Clamp((long)query + Offset + 1, 0, keys) : keys;
}

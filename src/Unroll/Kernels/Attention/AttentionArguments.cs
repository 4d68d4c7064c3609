using Unroll.Basics;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Attention;

/// <summary>What the attention kernels need to know; a pair is one head of one sequence.</summary>
internal unsafe struct AttentionArguments
{
    public AttentionSide Queries, Keys, Values, Output;

    /// <summary>[B, Tq, Tk] in the queries' rows, one number a query and key, where they are in memory at all.</summary>
    public AttentionSide Matrix;

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

    /// <summary>The number of the first query: a coordinate of the draws, and where a window that moves along begins.</summary>
    public int FirstQuery;

    /// <summary>[B, heads, Tq, Tk], zeros already, or null: where weights go.</summary>
    public float* Weights;

    /// <summary>How far from a window's centre its keys lie at most; with <see cref="HasWindow"/>.</summary>
    public float Radius;

    /// <summary>Whether a query sees the keys of a window alone.</summary>
    public bool HasWindow;

    /// <summary>[query rows]: the centre of each window, counted from key 0; null for the query's own number.</summary>
    public float* Centres;

    /// <summary>Their gradient, or null.</summary>
    public float* CentreGradients;

    /// <summary>[units]: v of the additive score, and the memory [pairs, (1 + features) · units] where each pair leaves its gradients.</summary>
    public float* Direction, DirectionGradients;

    /// <summary>[B, Tk, features] in the keys' rows: what is added to keys through the kernel [features, units]; width 0 for nothing.</summary>
    public AttentionSide Features;
    public float* FeatureKernel;

    /// <summary>Where keys and values lie that sequences bring with them, or nothing.</summary>
    public KeyValueMemory Memory;

    internal int Part, Parts; // whose share

    /// <summary>How many pairs there are.</summary>
    public readonly int Pairs => Queries.Rows.Batch * Heads;

    /// <summary>Floating-point operations of one product over all pairs, were every sequence of full length.</summary>
    public readonly double OperationsOfProduct =>
        2.0 * Pairs * Queries.Rows.Steps * Keys.Rows.Steps * Math.Max(Keys.Width, Values.Width);

    /// <summary>What a pass over the matrix is worth in floating-point operations.</summary>
    public readonly double OperationsOfRows => TeamKernel.OperationsOfElement * Pairs * Queries.Rows.Steps * Keys.Rows.Steps;

    /// <summary>The centre of a query's window.</summary>
    public readonly float Centre(in AttentionPair pair, int query) =>
        Centres == null ? FirstQuery + query : Centres[Queries.Rows.Row(pair.Place, query)];

    /// <summary>The real keys that a query sees: from the first up to, without, the end.</summary>
    public readonly (int First, int End) Window(in AttentionPair pair, int query)
    {
        if (!HasWindow) return (0, pair.Keys);
        float centre = Centre(in pair, query);
        int end = (int)Math.Clamp(MathF.Floor(centre + Radius) + 1, 0, pair.Keys);
        return ((int)Math.Clamp(MathF.Ceiling(centre - Radius), 0, end), end);
    }

    /// <summary>How many of a pair's keys a query sees.</summary>
    public readonly int Visible(int query, int keys) => Causal ? (int)Math.Clamp((long)query + Offset + 1, 0, keys) : keys;
}

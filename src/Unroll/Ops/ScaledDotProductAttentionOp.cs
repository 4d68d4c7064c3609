using System.Globalization;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Attention;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// Scaled dot-product attention (Vaswani et al. 2017, arXiv 1706.03762, equation 1), head by head: with d columns a head
/// p_ij = softmax_j(q_i · k_j / √d) over the real keys j, and y_i = Σ_j m_ij p_ij v_j with the dropout mask m (1 where nothing is dropped).
/// The matrix of p is never in memory: the forward pass keeps log Σ_j e^score_ij, and the backward pass computes p again (see
/// <see cref="AttentionForward"/> and <see cref="AttentionBackward"/>). A query that sees no key has an output of zeros.
/// </summary>
internal static unsafe class ScaledDotProductAttentionOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="queries">[B, Tq, heads · d], with lengths or without.</param>
    /// <param name="keys">[B, Tk, heads · d], with lengths or without.</param>
    /// <param name="values">[B, Tk, heads · dv], with the keys' lengths.</param>
    /// <param name="settings">Heads, mask, scale and dropout.</param>
    /// <returns>[B, Tq, heads · dv], with the queries' lengths.</returns>
    /// <exception cref="ArgumentException">Shapes that do not meet, columns that the heads do not divide, or settings out of range.</exception>
    public static Tensor Of(Tape tape, Tensor queries, Tensor keys, Tensor values, in AttentionSettings settings)
    {
        bool needs = tape.Needs(queries) || tape.Needs(keys) || tape.Needs(values);
        AttentionArguments arguments = Arguments(tape, queries, keys, values, in settings);
        Tensor y = tape.New(queries.Shape.With(-1, values.Features), queries.Layout, needs);
        arguments.Output = AttentionSides.Read(tape, y, settings.Heads);
        arguments.LogSums = tape.Scratch((long)queries.Rows * settings.Heads);
        AttentionForward.Run(in arguments);
        if (needs)
        {
            Node node = tape.Record<Node>();
            (node.Queries, node.Keys, node.Values, node.Y, node.Arguments) = (queries, keys, values, y, arguments);
        }
        return y;
    }

    /// <summary>The weights p themselves, without dropout and without a gradient: as many numbers as the operation avoids.</summary>
    /// <returns>[B, heads, Tq, Tk], zero in the padding and where a key is not seen.</returns>
    /// <exception cref="ArgumentException">As <see cref="Of"/>.</exception>
    public static Tensor WeightsOf(Tape tape, Tensor queries, Tensor keys, in AttentionSettings settings)
    {
        AttentionArguments arguments = Arguments(tape, queries, keys, keys, in settings);
        Tensor weights = tape.New(new Shape(queries.Shape[0], settings.Heads, queries.Shape[1], keys.Shape[1]));
        arguments.Weights = tape.Read(weights);
        RowCopy.Clear(arguments.Weights, weights.StoredLength);
        AttentionWeights.Run(in arguments);
        return weights;
    }

    /// <summary>
    /// As <see cref="Of"/>, without a gradient, over keys and values in memory; <paramref name="keys"/> and <paramref name="values"/> are put behind them first.
    /// With all steps of a sequence in memory a query has the bits that it has there.
    /// </summary>
    /// <param name="tape">Where the result is made.</param>
    /// <param name="queries">[B, Tq, heads · d].</param>
    /// <param name="keys">[B, T, heads · d] of new steps, or default where there are none.</param>
    /// <param name="values">[B, T, heads · dv].</param>
    /// <param name="valueSize">dv.</param>
    /// <param name="settings">Heads and mask; the offset is the number of steps in memory.</param>
    /// <param name="memory">Where keys and values lie.</param>
    public static Tensor StepOf(Tape tape, Tensor queries, Tensor keys, Tensor values, int valueSize, in AttentionSettings settings, in KeyValueMemory memory)
    {
        AttentionArguments arguments = keys.IsDefault
            ? new AttentionArguments
            {
                Queries = AttentionSides.Read(tape, queries, settings.Heads),
                Heads = settings.Heads,
                Scale = ScaleOf(queries, in settings),
            }
            : Arguments(tape, queries, keys, values, in settings);
        arguments.Memory = memory;
        Tensor y = tape.New(queries.Shape.With(-1, settings.Heads * valueSize), queries.Layout);
        arguments.Output = AttentionSides.Read(tape, y, settings.Heads);
        arguments.LogSums = tape.Scratch((long)queries.Rows * settings.Heads);
        AttentionStep.Run(in arguments);
        return y;
    }

    private static float ScaleOf(Tensor queries, in AttentionSettings settings) => settings.Scale ?? 1f / MathF.Sqrt(queries.Features / settings.Heads);

    private static AttentionArguments Arguments(Tape tape, Tensor queries, Tensor keys, Tensor values, in AttentionSettings settings)
    {
        Require(queries, keys, values, in settings);
        var arguments = new AttentionArguments
        {
            Queries = AttentionSides.Read(tape, queries, settings.Heads),
            Keys = AttentionSides.Read(tape, keys, settings.Heads),
            Values = AttentionSides.Read(tape, values, settings.Heads),
            Heads = settings.Heads,
            Scale = ScaleOf(queries, in settings),
            Causal = settings.Causal,
            Offset = settings.Offset,
            DropRate = settings.Dropout,
            Stream = settings.Draws,
            FirstQuery = settings.FirstQuery,
        };
        arguments.KeyPlaces = AttentionSides.Places(tape, in arguments.Queries.Rows, in arguments.Keys.Rows);
        return arguments;
    }

    private static void Require(Tensor queries, Tensor keys, Tensor values, in AttentionSettings settings)
    {
        Shape q = queries.Shape, k = keys.Shape, v = values.Shape;
        int heads = settings.Heads;
        if (q.Rank != 3 || k.Rank != 3 || v.Rank != 3 || q[0] != k[0] || k[0] != v[0] || k[1] != v[1] || q[2] != k[2])
            throw new ArgumentException($"Attention: expected queries [B, Tq, F], keys [B, Tk, F] and values [B, Tk, V], received {q}, {k} and {v}.");
        if (heads < 1 || heads > AttentionDraws.MaximumHeads || q[2] % heads != 0 || v[2] % heads != 0 || q[2] == 0 || v[2] == 0)
            throw new ArgumentException($"Attention: expected features of queries and values that {heads} heads divide, at least one a head, received {q[2]} and {v[2]}.");
        if ((keys.Layout is null) != (values.Layout is null) || (keys.Layout is { } layout && !layout.SameAs(values.Layout!)))
            throw new ArgumentException("Attention: expected keys and values with the same lengths; they differ.");
        if (!(settings.Dropout >= 0 && settings.Dropout < 1))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Attention: expected a dropout rate in [0, 1), received {settings.Dropout}."));
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor Queries, Keys, Values, Y;
        public AttentionArguments Arguments;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            // Where one tensor stands in two places, the kernel adds in this order.
            Arguments.Output.Gradient = tape.Gradient(Y);
            Arguments.Queries.Gradient = tape.Gradient(Queries, out Arguments.Queries.IsFirst);
            Arguments.Keys.Gradient = tape.Gradient(Keys, out Arguments.Keys.IsFirst);
            Arguments.Values.Gradient = tape.Gradient(Values, out Arguments.Values.IsFirst);
            AttentionBackward.Run(in Arguments);
        }

        public override void Clear()
        {
            Queries = Keys = Values = Y = default;
            Arguments = default;
        }
    }
}

using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Attention;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// The product of every query with every real key of its sequence: s_ij = scale · q_i · k_j, zeros past the keys.
/// dq_i += scale · Σ_j ds_ij k_j, dk_j += scale · Σ_i ds_ij q_i.
/// </summary>
internal static class AttentionScoresOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="queries">[B, Tq, F], with lengths or without.</param>
    /// <param name="keys">[B, Tk, F], with lengths or without.</param>
    /// <param name="scale">What products are multiplied with.</param>
    /// <returns>[B, Tq, Tk], with the queries' lengths.</returns>
    /// <exception cref="ArgumentException">Shapes that do not meet.</exception>
    public static Tensor Of(Tape tape, Tensor queries, Tensor keys, float scale)
    {
        Shape q = queries.Shape, k = keys.Shape;
        if (q.Rank != 3 || k.Rank != 3 || q[0] != k[0] || q[2] != k[2] || q[2] == 0)
            throw new ArgumentException($"AttentionScores: expected queries [B, Tq, F] and keys [B, Tk, F], received {q} and {k}.");
        bool needs = tape.Needs(queries) || tape.Needs(keys);
        Tensor y = tape.New(q.With(2, k[1]), queries.Layout, needs);
        AttentionArguments arguments = AttentionSides.Pairs(tape, AttentionSides.Read(tape, queries), AttentionSides.Read(tape, keys), AttentionSides.Write(tape, y), scale);
        PairScores.Run(in arguments);
        if (needs)
        {
            Node node = tape.Record<Node>();
            (node.Queries, node.Keys, node.Y, node.Arguments) = (queries, keys, y, arguments);
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor Queries, Keys, Y;
        public AttentionArguments Arguments;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            Arguments.Matrix = AttentionSides.ReadGradient(tape, Y);
            AttentionArguments ofQueries = Arguments, ofKeys = Arguments;
            ofQueries.Queries = AttentionSides.AddGradient(tape, Queries);
            PairQueryRows.Run(in ofQueries);
            ofKeys.Keys = AttentionSides.AddGradient(tape, Keys);
            PairKeyRows.Run(in ofKeys);
        }

        public override void Clear()
        {
            Queries = Keys = Y = default;
            Arguments = default;
        }
    }
}

using Unroll.Autograd;
using Unroll.Kernels.Attention;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// The softmax of each query's scores over the real keys of its sequence, or those in a window: p_ij = e^(s_ij) / Σ_j e^(s_ij), zeros
/// elsewhere and for a query that sees no key. ds_ij += p_ij (dp_ij − Σ_j dp_ij p_ij); a window's place has no gradient.
/// </summary>
internal static unsafe class MaskedSoftmaxOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="scores">[B, Tq, Tk], with lengths or without.</param>
    /// <param name="keys">[B, Tk, …]: whose lengths count.</param>
    /// <param name="window">The keys that a query sees; null for all.</param>
    /// <exception cref="ArgumentException">Shapes that do not meet.</exception>
    public static Tensor Of(Tape tape, Tensor scores, Tensor keys, in AttentionWindow? window = null)
    {
        AttentionSides.RequireMatrix("MaskedSoftmax", scores, keys);
        Tensor y = tape.NewLike(scores);
        AttentionSide side = AttentionSides.Read(tape, scores);
        side.Gradient = tape.Read(y);
        AttentionArguments arguments = AttentionSides.Pairs(tape, side, AttentionSides.Read(tape, keys), side, 1f);
        if (window is { } seen) AttentionSides.See(tape, in seen, scores, ref arguments);
        PairSoftmax.Run(in arguments);
        if (tape.Needs(scores))
        {
            Node node = tape.Record<Node>();
            (node.Scores, node.Y, node.Arguments) = (scores, y, arguments);
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor Scores, Y;
        public AttentionArguments Arguments;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            Arguments.Matrix.Values = tape.Read(Y);
            Arguments.Matrix.Gradient = tape.Gradient(Scores);
            Arguments.Output.Values = tape.Gradient(Y);
            PairSoftmax.Slope.Run(in Arguments);
        }

        public override void Clear()
        {
            Scores = Y = default;
            Arguments = default;
        }
    }
}

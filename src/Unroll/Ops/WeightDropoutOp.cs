using System.Globalization;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Attention;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// Dropout of attention weights: y_ij = m_ij w_ij with m_ij 0 or 1 / (1 − rate); dw_ij += m_ij dy_ij. A weight's fate follows from the
/// stream, the sequence's number in the batch, the query's and the key's, as in <see cref="ScaledDotProductAttentionOp"/>.
/// </summary>
internal static unsafe class WeightDropoutOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="weights">[B, Tq, Tk], with lengths or without.</param>
    /// <param name="rate">The share dropped, in [0, 1); 0 gives <paramref name="weights"/> back.</param>
    /// <param name="stream">Where the drops are drawn.</param>
    /// <param name="firstQuery">The number of the first query, where a sequence's queries come in several calls.</param>
    /// <exception cref="ArgumentException">Not three axes, or a rate outside [0, 1).</exception>
    public static Tensor Of(Tape tape, Tensor weights, float rate, in RandomStream stream, int firstQuery = 0)
    {
        if (!(rate >= 0 && rate < 1))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"WeightDropout: expected a rate in [0, 1), received {rate}."));
        if (weights.Shape.Rank != 3) throw new ArgumentException($"WeightDropout: expected [B, Tq, Tk], received {weights.Shape}.");
        if (rate == 0) return weights;
        Tensor y = tape.NewLike(weights);
        AttentionSide side = AttentionSides.Read(tape, weights);
        AttentionArguments arguments = AttentionSides.Pairs(tape, side, side, side, 1f);
        arguments.Output = AttentionSides.Write(tape, y);
        (arguments.DropRate, arguments.Stream, arguments.FirstQuery) = (rate, stream, firstQuery);
        PairDropout.Run(in arguments);
        if (tape.Needs(weights))
        {
            Node node = tape.Record<Node>();
            (node.Weights, node.Y, node.Arguments) = (weights, y, arguments);
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor Weights, Y;
        public AttentionArguments Arguments;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            Arguments.Matrix = AttentionSides.ReadGradient(tape, Y);
            Arguments.Output = AttentionSides.AddGradient(tape, Weights);
            PairDropout.Run(in Arguments);
        }

        public override void Clear()
        {
            Weights = Y = default;
            Arguments = default;
        }
    }
}

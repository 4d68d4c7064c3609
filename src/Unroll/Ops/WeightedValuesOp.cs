using Unroll.Autograd;
using Unroll.Kernels.Attention;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>The weighted sum of each sequence's real values: y_i = Σ_j w_ij v_j. dw_ij += dy_i · v_j, dv_j += Σ_i w_ij dy_i.</summary>
internal static class WeightedValuesOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="weights">[B, Tq, Tk], with lengths or without.</param>
    /// <param name="values">[B, Tk, V], with lengths or without.</param>
    /// <returns>[B, Tq, V], with the weights' lengths; zeros for a sequence without values.</returns>
    /// <exception cref="ArgumentException">Shapes that do not meet.</exception>
    public static Tensor Of(Tape tape, Tensor weights, Tensor values)
    {
        AttentionSides.RequireMatrix("WeightedValues", weights, values);
        bool needs = tape.Needs(weights) || tape.Needs(values);
        Tensor y = tape.New(weights.Shape.With(2, values.Features), weights.Layout, needs);
        AttentionArguments arguments = AttentionSides.Pairs(tape, AttentionSides.Write(tape, y), AttentionSides.Read(tape, values), AttentionSides.Read(tape, weights), 1f);
        PairQueryRows.Run(in arguments);
        if (needs)
        {
            Node node = tape.Record<Node>();
            (node.Weights, node.Values, node.Y, node.Arguments) = (weights, values, y, arguments);
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor Weights, Values, Y;
        public AttentionArguments Arguments;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            Arguments.Queries = AttentionSides.ReadGradient(tape, Y);
            AttentionArguments ofWeights = Arguments, ofValues = Arguments;
            ofWeights.Matrix = AttentionSides.AddGradient(tape, Weights);
            PairScores.Run(in ofWeights);
            ofValues.Keys = AttentionSides.AddGradient(tape, Values);
            PairKeyRows.Run(in ofValues);
        }

        public override void Clear()
        {
            Weights = Values = Y = default;
            Arguments = default;
        }
    }
}

using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Attention;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>The weights [B, 1, Tk] of one query a sequence as a sequence [B, Tk, 1] beside the keys: y[b, j, 0] = w[b, 0, j].</summary>
internal static unsafe class WeightsAsStepsOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="weights">[B, 1, Tk]; a sequence without a query has zeros.</param>
    /// <param name="keys">[B, Tk, …]: whose lengths the result gets.</param>
    /// <exception cref="ArgumentException">Shapes that do not meet.</exception>
    public static Tensor Of(Tape tape, Tensor weights, Tensor keys)
    {
        AttentionSides.RequireMatrix("WeightsAsSteps", weights, keys);
        if (weights.Shape[1] != 1) throw new ArgumentException($"WeightsAsSteps: expected the weights of one query a sequence, [B, 1, Tk], received {weights.Shape}.");
        Tensor y = tape.New(new Shape(keys.Shape[0], keys.Shape[1], 1), keys.Layout, tape.Needs(weights));
        AttentionSide from = AttentionSides.Read(tape, weights), to = AttentionSides.Read(tape, y);
        int* places = AttentionSides.Places(tape, in from.Rows, in to.Rows);
        new Span<float>(to.Values, y.StoredLength).Clear();
        for (int place = 0; place < from.Rows.Batch; place++)
        {
            int keysOf = Meeting(in from, in to, place);
            float* row = from.Values + from.At(place, 0, 0);
            for (int j = 0; j < keysOf; j++) to.Values[to.At(places[place], j, 0)] = row[j];
        }
        if (tape.Needs(weights))
        {
            Node node = tape.Record<Node>();
            (node.Weights, node.Y) = (weights, y);
            node.Places = places;
        }
        return y;
    }

    /// <summary>How many keys a sequence's query meets.</summary>
    private static int Meeting(in AttentionSide weights, in AttentionSide steps, int place)
    {
        int sequence = weights.Rows.Sequence(place);
        return weights.Rows.Length(sequence) == 0 ? 0 : steps.Rows.Length(sequence);
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor Weights, Y;
        public int* Places;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            AttentionSide from = AttentionSides.ReadGradient(tape, Y), to = AttentionSides.ReadGradient(tape, Weights);
            for (int place = 0; place < to.Rows.Batch; place++)
            {
                int keysOf = Meeting(in to, in from, place);
                float* row = to.Values + to.At(place, 0, 0);
                for (int j = 0; j < keysOf; j++) row[j] += from.Values[from.At(Places[place], j, 0)];
            }
        }

        public override void Clear()
        {
            Weights = Y = default;
            Places = null;
        }
    }
}

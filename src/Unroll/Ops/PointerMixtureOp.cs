using System.Globalization;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Attention;
using Unroll.Kernels.Sequences;
using Unroll.Kernels.Softmax;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// The words that a pointer-generator network writes or copies (See, Liu and Manning 2017, arXiv 1704.04368, equation 9): with the gate g and
/// weights a_j over the source's words w_j, y_v = log(g · softmax(x)_v + (1 − g) Σ_{j: w_j = v} a_j), as logits of the mixture. With P_v = e^y_v and
/// s = softmax(x): dP = dy / P, dx += g s (dP − Σ dP s), dg += Σ dP s − Σ_j a_j dP_{w_j}, da_j += (1 − g) dP_{w_j}.
/// </summary>
internal static unsafe class PointerMixtureOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="logits">x, [B, T, V], with lengths or without.</param>
    /// <param name="gate">g, [B, T, 1], from 0 to 1.</param>
    /// <param name="weights">a, [B, T, Ts], zeros past a source's words.</param>
    /// <param name="sources">w, [B, Ts] ids from 0 to V + <paramref name="slots"/> − 1, with the sources' lengths.</param>
    /// <param name="slots">How many words of the sources have ids behind the vocabulary's. At least 0.</param>
    /// <returns>[B, T, V + slots], with the logits' lengths.</returns>
    /// <exception cref="ArgumentException">Shapes that do not meet, or an id out of range.</exception>
    public static Tensor Of(Tape tape, Tensor logits, Tensor gate, Tensor weights, Tensor sources, int slots)
    {
        Shape x = logits.Shape;
        if (x.Rank != 3 || gate.Shape != x.With(2, 1) || weights.Shape.Rank != 3 || weights.Shape[0] != x[0] || weights.Shape[1] != x[1] || sources.Shape.Rank != 2 || sources.Shape[0] != x[0] || sources.Shape[1] != weights.Shape[2])
            throw new ArgumentException($"PointerMixture: expected logits [B, T, V], a gate [B, T, 1], weights [B, T, Ts] and source ids [B, Ts], received {x}, {gate.Shape}, {weights.Shape} and {sources.Shape}.");
        bool needs = tape.Needs(logits) || tape.Needs(gate) || tape.Needs(weights);
        Tensor y = tape.New(x.With(2, x[2] + slots), logits.Layout, needs);
        float* softmax = tape.Scratch(logits.StoredLength);
        SoftmaxKernel.Forward(tape.Read(logits), softmax, logits.Rows, x[2], logarithm: false);
        Node? node = needs ? tape.Record<Node>() : null;
        node ??= new Node();
        (node.Logits, node.Gate, node.Weights, node.Y) = (logits, gate, weights, y);
        node.Softmax = softmax;
        node.Mixture = tape.Scratch(y.StoredLength);
        node.Sources = Rows(tape, logits, sources, x[2] + slots);
        for (int n = 0; n < logits.Rows; n++)
        {
            PointerMixture.Row row = node.RowOf(tape, n);
            row.Output = tape.Read(y) + (nint)n * row.Extended;
            PointerMixture.Forward(in row);
        }
        return y;
    }

    /// <summary>[stored rows of the logits, Ts]: the ids of each row's source, −1 behind its end.</summary>
    private static float* Rows(Tape tape, Tensor logits, Tensor sources, int words)
    {
        int batch = sources.Shape[0], places = sources.Shape[1];
        var from = new SequenceRows(sources.Layout, batch, places);
        var to = new SequenceRows(logits.Layout, batch, logits.Shape[1]);
        float* ids = tape.Read(sources), all = tape.Scratch((long)batch * places), rows = tape.Scratch((long)logits.Rows * places);
        new Span<float>(all, batch * places).Fill(-1f);
        for (int place = 0; place < batch; place++)
        {
            int sequence = from.Sequence(place), length = from.Length(sequence);
            for (int j = 0; j < length; j++)
            {
                float id = ids[from.Row(place, j)];
                if (!(id >= 0 && id < words))
                    throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"PointerMixture: source {sequence}, word {j}: expected an id from 0 to {words - 1}, received {id}."), nameof(sources));
                all[sequence * places + j] = id;
            }
        }
        for (int place = 0; place < batch; place++)
        {
            int sequence = to.Sequence(place), length = to.Length(sequence);
            for (int t = 0; t < length; t++) new Span<float>(all + sequence * places, places).CopyTo(new Span<float>(rows + (nint)to.Row(place, t) * places, places));
        }
        return rows;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor Logits, Gate, Weights, Y;
        public float* Softmax, Mixture, Sources;

        /// <summary>What both passes read of a row.</summary>
        public PointerMixture.Row RowOf(Tape tape, int n)
        {
            int words = Logits.Features, extended = Y.Features, places = Weights.Features;
            float* ids = Sources + (nint)n * places;
            int length = 0;
            while (length < places && ids[length] >= 0) length++;
            return new PointerMixture.Row
            {
                Softmax = Softmax + (nint)n * words,
                Mixture = Mixture + (nint)n * extended,
                Weights = tape.Read(Weights) + (nint)n * places,
                Sources = ids,
                Words = words,
                Extended = extended,
                Places = length,
                Gate = tape.Read(Gate)[n],
            };
        }

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* dy = tape.Gradient(Y), dx = tape.Gradient(Logits), dg = tape.Gradient(Gate), da = tape.Gradient(Weights), scratch = tape.Scratch(Y.Features);
            for (int n = 0; n < Logits.Rows; n++)
            {
                PointerMixture.Row row = RowOf(tape, n);
                row.OutputGradient = dy + (nint)n * row.Extended;
                row.LogitGradient = dx == null ? null : dx + (nint)n * row.Words;
                row.GateGradient = dg == null ? null : dg + n;
                row.WeightGradient = da == null ? null : da + (nint)n * Weights.Features;
                row.Scratch = scratch;
                PointerMixture.Backward(in row);
            }
        }

        public override void Clear()
        {
            Logits = Gate = Weights = Y = default;
            Softmax = Mixture = Sources = null;
        }
    }
}

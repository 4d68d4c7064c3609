using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>y = x, with a note on y of the head that its loss has to ask (<see cref="OutputHead"/>); dx += dy.</summary>
internal static unsafe class OutputHeadOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">The features that the head turns into predictions.</param>
    /// <param name="head">The head.</param>
    /// <param name="training">Whether the pass trains.</param>
    /// <param name="draws">The random stream that the head may draw from in this pass.</param>
    public static Tensor Of(Tape tape, Tensor x, OutputHead head, bool training, in RandomStream draws)
    {
        Tensor y = tape.NewLike(x);
        y.Buffer.Mark = new OutputMark(head, training, draws);
        RowCopy.Copy(tape.Read(x), tape.Read(y), x.StoredLength);
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y) = (x, y);
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;

        public override void Backward(Tape tape)
        {
            if (Tape.HasGradient(Y)) RowCopy.Add(tape.Gradient(Y), tape.Gradient(X), X.StoredLength);
        }

        public override void Clear() => X = Y = default;
    }
}

using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>The same numbers in row-major order under another shape. A tensor with lengths is unpacked first.</summary>
internal static unsafe class ReshapeOp
{
    /// <exception cref="ArgumentException">A shape that holds another count.</exception>
    public static Tensor Of(Tape tape, Tensor x, Shape shape)
    {
        x = UnpackOp.Of(tape, x);
        if (!shape.IsKnown || shape.Length != x.StoredLength)
            throw new ArgumentException($"Reshape: expected a shape of {x.StoredLength} numbers for {x.Shape}, received {shape}.");
        return Stored(tape, x, shape, null);
    }

    /// <summary>The stored numbers as they lie, under a shape and a layout that store as many: steps as rows, and rows as steps.</summary>
    public static Tensor Stored(Tape tape, Tensor x, Shape shape, SequenceLayout? layout)
    {
        Tensor y = tape.New(shape, layout, tape.Needs(x));
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

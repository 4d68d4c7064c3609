using Unroll.Autograd;
using Unroll.Kernels.Elementwise;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// What the element-by-element operations of two tensors share. The second operand has the first's shape, or is a row
/// [F] that meets every row, or one number. Where one carries lengths and the other does not, the other is packed.
/// </summary>
internal static unsafe class BinaryOperation<TFunction> where TFunction : struct, IBinaryFunction
{
    /// <summary>y = f(a, b), of the shape of <paramref name="a"/>.</summary>
    /// <exception cref="ArgumentException">Shapes that do not meet, or different lengths.</exception>
    public static Tensor Of(Tape tape, string title, Tensor a, Tensor b)
    {
        Broadcast broadcast = BroadcastOf(title, a, b);
        if (broadcast == Broadcast.None) Align(tape, title, ref a, ref b);
        bool needs = tape.Needs(a) || tape.Needs(b);
        Tensor y = tape.New(a.Shape, a.Layout, needs);
        BroadcastKernel<TFunction>.Forward(broadcast, tape.Read(a), tape.Read(b), tape.Read(y), a.Rows, a.Features);
        if (needs)
        {
            Node node = tape.Record<Node>();
            (node.A, node.B, node.Y, node.Broadcast) = (a, b, y, broadcast);
        }
        return y;
    }

    private static Broadcast BroadcastOf(string title, Tensor a, Tensor b)
    {
        if (a.Shape == b.Shape) return Broadcast.None;
        if (b.Layout is null && b.Shape.IsKnown)
        {
            if (b.StoredLength == 1) return Broadcast.Scalar;
            if (b.Shape.Rows == 1 && b.Features == a.Features) return Broadcast.Row;
        }
        throw new ArgumentException($"{title}: expected a second operand of shape {a.Shape}, a row [{a.Features}] or one number; received {b.Shape}.");
    }

    private static void Align(Tape tape, string title, ref Tensor a, ref Tensor b)
    {
        if (a.Layout is { } first && b.Layout is { } second)
        {
            if (!first.SameAs(second)) throw new ArgumentException($"{title}: the two operands {a.Shape} have different sequence lengths.");
        }
        else if (a.Layout is { } of) b = PackOp.Of(tape, b, of);
        else if (b.Layout is { } other) a = PackOp.Of(tape, a, other);
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor A, B, Y;
        public Broadcast Broadcast;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* dy = tape.Gradient(Y), da = tape.Gradient(A, out bool isFirstOfA);
            bool isFirstOfB = false;
            float* db = Broadcast == Broadcast.None ? tape.Gradient(B, out isFirstOfB) : tape.Gradient(B);
            BroadcastKernel<TFunction>.Backward(Broadcast, tape.Read(A), tape.Read(B), dy, da, isFirstOfA, db, isFirstOfB, A.Rows, A.Features);
        }

        public override void Clear() => A = B = Y = default;
    }
}

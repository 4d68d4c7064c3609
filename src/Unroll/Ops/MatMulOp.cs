using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Matrices;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>y = a · b for tensors [M, K] and [K, N]; da += dy · bᵀ, db += aᵀ · dy. Plain: for small matrices.</summary>
internal static unsafe class MatMulOp
{
    /// <exception cref="ArgumentException">Not two axes each, or inner axes that differ.</exception>
    public static Tensor Of(Tape tape, Tensor a, Tensor b)
    {
        Shape first = a.Shape, second = b.Shape;
        if (first.Rank != 2 || second.Rank != 2 || first[1] != second[0] || a.Layout is not null || b.Layout is not null)
            throw new ArgumentException($"MatMul: expected dense [M, K] and [K, N], received {first} and {second}.");
        bool needs = tape.Needs(a) || tape.Needs(b);
        Tensor y = tape.New(new Shape(first[0], second[1]), null, needs);
        float* to = tape.Read(y);
        RowCopy.Clear(to, y.StoredLength);
        PlainProduct.Add(tape.Read(a), first[1], 1, tape.Read(b), to, first[0], first[1], second[1]);
        if (needs)
        {
            Node node = tape.Record<Node>();
            (node.A, node.B, node.Y) = (a, b, y);
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor A, B, Y;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            int m = A.Shape[0], k = A.Shape[1], n = B.Shape[1];
            float* dy = tape.Gradient(Y), da = tape.Gradient(A), db = tape.Gradient(B);
            if (da != null)
            {
                float* transposed = tape.Scratch((long)n * k);
                PlainProduct.Transpose(tape.Read(B), transposed, k, n);
                PlainProduct.Add(dy, n, 1, transposed, da, m, n, k);
            }
            if (db != null) PlainProduct.Add(tape.Read(A), 1, k, dy, db, k, m, n);
        }

        public override void Clear() => A = B = Y = default;
    }
}

using Unroll.Autograd;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Simd;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>Each stored row of […, F] times a factor of its own: y_n = a_n · x_n; dx_n += a_n · dy_n.</summary>
internal static unsafe class ScaleRowsOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">[…, F].</param>
    /// <param name="factors">a, one a stored row, alive until the tape's reset.</param>
    public static Tensor Of(Tape tape, Tensor x, float* factors)
    {
        Tensor y = tape.NewLike(x);
        float* from = tape.Read(x), to = tape.Read(y);
        for (int n = 0; n < x.Rows; n++) Map.Run(new ScaleMap(factors[n], -0f), from + (nint)n * x.Features, to + (nint)n * x.Features, x.Features);
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y) = (x, y);
            node.Factors = factors;
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public float* Factors;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* dy = tape.Gradient(Y), dx = tape.Gradient(X);
            int features = X.Features;
            for (int n = 0; n < X.Rows; n++) Map.Run(new AddScaledMap(Factors[n]), dy + (nint)n * features, dx + (nint)n * features, dx + (nint)n * features, features);
        }

        public override void Clear()
        {
            X = Y = default;
            Factors = null;
        }
    }
}

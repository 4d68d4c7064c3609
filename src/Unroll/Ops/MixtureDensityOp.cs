using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Mixtures;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>−log of a mixture of normal densities for each stored row (Bishop 1994); see <see cref="GaussianMixture"/> for its formula and gradient.</summary>
internal static unsafe class MixtureDensityOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">[…, K(1 + 2D)]: K weights' logits, K·D means, K·D raw scales.</param>
    /// <param name="targets">[rows, D], on the tape.</param>
    /// <param name="components">K.</param>
    /// <returns>[rows].</returns>
    public static Tensor Of(Tape tape, Tensor x, float* targets, int components)
    {
        var mixture = new GaussianMixture(components, (x.Features / components - 1) / 2);
        Tensor y = tape.New(new Shape(x.Rows), null, tape.Needs(x));
        float* from = tape.Read(x), losses = tape.Read(y), logs = tape.Scratch(components), gradient = tape.Needs(x) ? tape.Scratch(x.StoredLength) : null;
        for (int r = 0; r < x.Rows; r++)
        {
            long offset = (long)r * x.Features;
            losses[r] = mixture.Loss(from + offset, targets + (long)r * mixture.Targets, logs, gradient is null ? null : gradient + offset);
        }
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y) = (x, y);
            node.Gradient = gradient;
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public float* Gradient;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* dx = tape.Gradient(X), dy = tape.Gradient(Y);
            int features = X.Features;
            for (int r = 0; r < X.Rows; r++)
            {
                if (dy[r] == 0f) continue; // a row that counts nowhere may hold anything
                long offset = (long)r * features;
                for (int f = 0; f < features; f++) dx[offset + f] = MathF.FusedMultiplyAdd(dy[r], Gradient[offset + f], dx[offset + f]);
            }
        }

        public override void Clear()
        {
            X = Y = default;
            Gradient = null;
        }
    }
}

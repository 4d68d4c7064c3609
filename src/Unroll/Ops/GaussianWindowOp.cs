using Unroll.Autograd;
using Unroll.Kernels.Attention;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// Weights times a bell around the centre of each query's window (Luong et al. 2015, arXiv 1508.04025, equation 10):
/// y_ij = w_ij e^(−(j − p_i)² / 2σ²) within the window, zeros elsewhere. dw_ij += dy_ij e^(…), dp_i += Σ_j dy_ij y_ij (j − p_i) / σ².
/// </summary>
internal static unsafe class GaussianWindowOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="weights">[B, Tq, Tk], with lengths or without.</param>
    /// <param name="keys">[B, Tk, …]: whose lengths count.</param>
    /// <param name="window">The keys that a query sees, around centres.</param>
    /// <param name="deviation">σ, above 0.</param>
    /// <exception cref="ArgumentException">Shapes that do not meet.</exception>
    public static Tensor Of(Tape tape, Tensor weights, Tensor keys, in AttentionWindow window, float deviation)
    {
        AttentionSides.RequireMatrix("GaussianWindow", weights, keys);
        if (window.Centres.IsDefault) throw new ArgumentException("GaussianWindow: expected a window with centres, received one without.");
        bool needs = tape.Needs(weights) || tape.Needs(window.Centres);
        Tensor y = tape.New(weights.Shape, weights.Layout, needs);
        AttentionSide side = AttentionSides.Read(tape, weights);
        AttentionArguments arguments = AttentionSides.Pairs(tape, side, AttentionSides.Read(tape, keys), side, 1f / (deviation * deviation));
        AttentionSides.See(tape, in window, weights, ref arguments);
        arguments.Output = AttentionSides.Write(tape, y);
        PairGaussian.Run(in arguments);
        if (needs)
        {
            Node node = tape.Record<Node>();
            (node.Weights, node.Centres, node.Y, node.Arguments) = (weights, window.Centres, y, arguments);
        }
        return y;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor Weights, Centres, Y;
        public AttentionArguments Arguments;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            Arguments.Output.Values = tape.Gradient(Y);
            Arguments.Matrix.Gradient = tape.Gradient(Weights);
            Arguments.CentreGradients = tape.Gradient(Centres);
            PairGaussian.Slope.Run(in Arguments);
        }

        public override void Clear()
        {
            Weights = Centres = Y = default;
            Arguments = default;
        }
    }
}

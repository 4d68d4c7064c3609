using Unroll.Autograd;
using Unroll.Kernels.Normalization;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// Layer normalisation over the last axis (Ba, Kiros and Hinton 2016): y = γ · (x − mean) / √(variance + ε) + β, the
/// variance divided by F. Backward in <see cref="LayerNormKernel"/>.
/// </summary>
internal static unsafe class LayerNormOp
{
    /// <summary>PyTorch's ε; Keras's is 1e-3.</summary>
    public const float DefaultEpsilon = 1e-5f;

    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">[…, F].</param>
    /// <param name="gamma">[F].</param>
    /// <param name="beta">[F], or null for zeros.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <exception cref="ArgumentException">Parameters of another size than F.</exception>
    public static Tensor Of(Tape tape, Tensor x, Parameter gamma, Parameter? beta, float epsilon = DefaultEpsilon)
    {
        int features = x.Features;
        if (gamma.Count != features || (beta is not null && beta.Count != features))
            throw new ArgumentException($"LayerNorm: expected gamma and beta of {features} numbers for {x.Shape}, received {gamma.Shape} and {beta?.Shape.ToString() ?? "none"}.");
        if (!IsContiguous(gamma) || !IsContiguous(beta))
            throw new ArgumentException("LayerNorm: gamma and beta must lie in one piece; these are stored by gates.");
        bool needs = tape.Needs(x) || tape.Needs(gamma) || tape.Needs(beta);
        Tensor y = tape.New(x.Shape, x.Layout, needs);
        float* statistics = tape.Scratch((long)LayerNormKernel.StatisticsPerRow * x.Rows);
        LayerNormKernel.Forward(new LayerNormKernel.Arguments
        {
            X = tape.Read(x),
            Gamma = tape.Read(gamma),
            Beta = beta is null ? Zeros(tape, features) : tape.Read(beta),
            Y = tape.Read(y),
            Statistics = statistics,
            Rows = x.Rows,
            Features = features,
            Epsilon = epsilon,
        });
        if (needs)
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y, node.Gamma, node.Beta) = (x, y, gamma, beta);
            node.Statistics = statistics;
        }
        return y;
    }

    /// <summary>Whether a vector's numbers lie side by side, as they do without gates.</summary>
    private static bool IsContiguous(Parameter? parameter) => parameter?.Panels is null or { Rows: 1, Gates: 1 };

    private static float* Zeros(Tape tape, int count)
    {
        float* zeros = tape.Scratch(count);
        new Span<float>(zeros, count).Clear();
        return zeros;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public Parameter Gamma = null!;
        public Parameter? Beta;
        public float* Statistics;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* dx = tape.Gradient(X, out bool isFirst);
            LayerNormKernel.Backward(new LayerNormKernel.Arguments
            {
                X = tape.Read(X),
                Gamma = tape.Read(Gamma),
                Y = tape.Gradient(Y),
                Statistics = Statistics,
                Dx = dx,
                IsFirst = isFirst,
                Dgamma = Tape.Gradient(Gamma),
                Dbeta = Beta is null ? null : Tape.Gradient(Beta),
                Rows = X.Rows,
                Features = X.Features,
            });
        }

        public override void Clear()
        {
            X = Y = default;
            Gamma = null!;
            Beta = null;
            Statistics = null;
        }
    }
}

using Unroll.Autograd;
using Unroll.Kernels.Activations;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Softmax;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// An activation by name: what follows a linear map, as an object that layers and losses can hold. Each property
/// always gives the same object, so two activations are the same function exactly when the references are equal.
/// </summary>
public abstract class Activation
{
    private protected Activation()
    {
    }

    /// <summary>y = x.</summary>
    public static Activation Linear { get; } = new LinearActivation();

    /// <summary>y = 1 / (1 + e^−x).</summary>
    public static Activation Sigmoid { get; } = new Elementwise<SigmoidKernel>("sigmoid", ActivationKind.Sigmoid);

    /// <summary>y = tanh x.</summary>
    public static Activation Tanh { get; } = new Elementwise<TanhKernel>("tanh", ActivationKind.Tanh);

    /// <summary>y = max(x, 0).</summary>
    public static Activation Relu { get; } = new Elementwise<ReluKernel>("relu", ActivationKind.Relu);

    /// <summary>y = x where x &gt; 0, 0.01 x elsewhere (PyTorch's slope; Keras's is 0.2).</summary>
    public static Activation LeakyRelu { get; } = new Elementwise<LeakyReluKernel>("leaky_relu", ActivationKind.LeakyRelu);

    /// <summary>y = x where x &gt; 0, e^x − 1 elsewhere.</summary>
    public static Activation Elu { get; } = new Elementwise<EluKernel>("elu", ActivationKind.Elu);

    /// <summary>The scaled elu of Klambauer et al. 2017: 1.0507 · (x where x &gt; 0, 1.6733 (e^x − 1) elsewhere).</summary>
    public static Activation Selu { get; } = new Elementwise<SeluKernel>("selu", ActivationKind.Selu);

    /// <summary>y = log(1 + e^x).</summary>
    public static Activation Softplus { get; } = new Elementwise<SoftplusKernel>("softplus", ActivationKind.Softplus);

    /// <summary>y = x / (1 + |x|).</summary>
    public static Activation Softsign { get; } = new Elementwise<SoftsignKernel>("softsign", ActivationKind.Softsign);

    /// <summary>y = x Φ(x), Φ the standard normal distribution; exact, not the tanh form (Hendrycks and Gimpel 2016).</summary>
    public static Activation Gelu { get; } = new Elementwise<GeluKernel>("gelu", ActivationKind.Gelu);

    /// <summary>The tanh form of gelu: y = ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))).</summary>
    public static Activation GeluTanh { get; } = new Elementwise<GeluTanhKernel>("gelu_tanh", ActivationKind.GeluTanh);

    /// <summary>y = x / (1 + e^−x), also called swish.</summary>
    public static Activation Silu { get; } = new Elementwise<SiluKernel>("silu", ActivationKind.Silu);

    /// <summary>y = min(max(x + 3, 0), 6) / 6.</summary>
    public static Activation HardSigmoid { get; } = new Elementwise<HardSigmoidKernel>("hard_sigmoid", ActivationKind.HardSigmoid);

    /// <summary>y = min(max(x, −1), 1).</summary>
    public static Activation HardTanh { get; } = new Elementwise<HardTanhKernel>("hard_tanh", ActivationKind.HardTanh);

    /// <summary>y = x tanh(log(1 + e^x)) (Misra 2019).</summary>
    public static Activation Mish { get; } = new Elementwise<MishKernel>("mish", ActivationKind.Mish);

    /// <summary>y_i = e^x_i / Σ_j e^x_j over the last axis: positive, summing to 1 in each row.</summary>
    public static Activation Softmax { get; } = new SoftmaxActivation();

    /// <summary>Every activation, in the order of the names that an error lists.</summary>
    public static IReadOnlyList<Activation> All { get; } =
    [
        Linear, Sigmoid, Tanh, Relu, LeakyRelu, Elu, Selu, Softplus, Softsign, Gelu, GeluTanh, Silu, HardSigmoid, HardTanh, Mish, Softmax,
    ];

    /// <summary>Its Keras name, for example <c>"tanh"</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Which activation of single numbers it is; null for one of whole rows.</summary>
    internal virtual ActivationKind? NumberKind => null;

    /// <summary>The activation of a Keras name; <c>"swish"</c> is <c>"silu"</c>; capitals do not matter.</summary>
    /// <exception cref="ArgumentException">An unknown name; the message lists the known ones.</exception>
    public static Activation FromName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string known = name.Equals("swish", StringComparison.OrdinalIgnoreCase) ? "silu" : name;
        foreach (Activation activation in All)
            if (activation.Name.Equals(known, StringComparison.OrdinalIgnoreCase)) return activation;
        throw new ArgumentException($"Activation '{name}' is not known; expected one of: {string.Join(", ", All.Select(a => a.Name))}.", nameof(name));
    }

    /// <summary>The activation of a Keras name, so that <c>new Dense(10, "softmax")</c> works.</summary>
    /// <exception cref="ArgumentException">An unknown name; the message lists the known ones.</exception>
    public static implicit operator Activation(string name) => FromName(name);

    /// <summary>Applies it; row by row over the last axis for softmax, element by element otherwise.</summary>
    internal abstract Tensor Apply(Tape tape, Tensor x);

    /// <summary>Applies it to one row of numbers, which may be overwritten in place; nothing is recorded.</summary>
    internal abstract unsafe void ApplyToRow(float* x, float* y, int length);

    /// <summary>Its name.</summary>
    public override string ToString() => Name;

    private sealed class LinearActivation : Activation
    {
        public override string Name => "linear";

        internal override ActivationKind? NumberKind => ActivationKind.Linear;

        internal override Tensor Apply(Tape tape, Tensor x) => x;

        internal override unsafe void ApplyToRow(float* x, float* y, int length) =>
            new ReadOnlySpan<float>(x, length).CopyTo(new Span<float>(y, length));
    }

    private sealed class SoftmaxActivation : Activation
    {
        public override string Name => "softmax";

        internal override Tensor Apply(Tape tape, Tensor x) => SoftmaxOp.Of(tape, x);

        internal override unsafe void ApplyToRow(float* x, float* y, int length) =>
            SoftmaxKernel.Forward(x, y, rows: 1, length, logarithm: false);
    }

    private sealed class Elementwise<TKernel>(string name, ActivationKind kind) : Activation where TKernel : struct, IActivationKernel
    {
        public override string Name => name;

        internal override ActivationKind? NumberKind => kind;

        internal override Tensor Apply(Tape tape, Tensor x) => ActivationOp.Of<TKernel>(tape, x);

        internal override unsafe void ApplyToRow(float* x, float* y, int length) => Map.Run(new ActivationMap<TKernel>(), x, y, length);
    }
}

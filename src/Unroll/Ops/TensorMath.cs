using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// The operations of which a cell of one's own is written, or a loss: each makes its result on the pass's tape, with its gradient.
/// Axes: B rows, F features.
/// </summary>
/// <example>
/// <code>Tensor gates = pass.Add(pass.Linear(x, kernel, bias), pass.Linear(h, recurrentKernel));</code>
/// </example>
public static class TensorMath
{
    /// <summary>x · W + b over the last axis.</summary>
    /// <param name="pass">Where the result is made.</param>
    /// <param name="x">[…, K].</param>
    /// <param name="kernel">[K, M], a parameter that a cell made (<c>AddParameter</c>).</param>
    /// <param name="bias">[M], made likewise, or null.</param>
    /// <returns>[…, M].</returns>
    /// <exception cref="ArgumentException">Another number of features than K, or parameters of other shapes.</exception>
    public static Tensor Linear(this Pass pass, Tensor x, Parameter kernel, Parameter? bias = null)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        if (kernel.Panels is not { Gates: 1 } || kernel.Shape.Rank != 2)
            throw new ArgumentException($"Linear: expected a matrix that a cell made with AddParameter, received '{kernel.Name}' {kernel.Shape}.", nameof(kernel));
        if (bias is not null && (bias.Panels is not { Gates: 1, Rows: 1 } || bias.Count != kernel.Shape[1]))
            throw new ArgumentException($"Linear: expected a bias [{kernel.Shape[1]}] that a cell made with AddParameter, received '{bias.Name}' {bias.Shape}.", nameof(bias));
        return LinearOp.Of(pass.Tape, x, kernel, bias);
    }

    /// <summary>A parameter as a tensor of its shape, for the other operations; a vector [F] meets every row of a [B, F].</summary>
    public static Tensor Value(this Pass pass, Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return ParameterOp.Of(pass.Tape, parameter);
    }

    /// <summary>a + b; b has the shape of a, or is a row [F] or one number.</summary>
    /// <exception cref="ArgumentException">Shapes that do not meet.</exception>
    public static Tensor Add(this Pass pass, Tensor a, Tensor b) => AddOp.Of(pass.Tape, a, b);

    /// <summary>a − b; b as for <see cref="Add"/>.</summary>
    /// <exception cref="ArgumentException">Shapes that do not meet.</exception>
    public static Tensor Subtract(this Pass pass, Tensor a, Tensor b) => SubtractOp.Of(pass.Tape, a, b);

    /// <summary>a · b element by element; b as for <see cref="Add"/>.</summary>
    /// <exception cref="ArgumentException">Shapes that do not meet.</exception>
    public static Tensor Multiply(this Pass pass, Tensor a, Tensor b) => MultiplyOp.Of(pass.Tape, a, b);

    /// <summary>a / b element by element; b as for <see cref="Add"/>.</summary>
    /// <exception cref="ArgumentException">Shapes that do not meet.</exception>
    public static Tensor Divide(this Pass pass, Tensor a, Tensor b) => DivideOp.Of(pass.Tape, a, b);

    /// <summary>factor · x + shift, rounded once.</summary>
    public static Tensor Scale(this Pass pass, Tensor x, float factor, float shift = 0) => ScaleOp.Of(pass.Tape, x, factor, shift);

    /// <summary>An activation of x.</summary>
    public static Tensor Apply(this Pass pass, Activation activation, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(activation);
        return activation.Apply(pass.Tape, x);
    }

    /// <summary>σ(x) = 1 / (1 + e^−x).</summary>
    public static Tensor Sigmoid(this Pass pass, Tensor x) => Activation.Sigmoid.Apply(pass.Tape, x);

    /// <summary>tanh x.</summary>
    public static Tensor Tanh(this Pass pass, Tensor x) => Activation.Tanh.Apply(pass.Tape, x);

    /// <summary>Layer normalisation of each row (Ba, Kiros and Hinton 2016): gain ⊙ (x − mean) / √(variance + 10⁻⁵) + bias.</summary>
    /// <param name="pass">Where the result is made.</param>
    /// <param name="x">[…, F].</param>
    /// <param name="gain">[F], a vector that a cell made (<c>AddParameter</c>).</param>
    /// <param name="bias">[F], made likewise, or null.</param>
    /// <exception cref="ArgumentException">Vectors of another length than F.</exception>
    public static Tensor Normalize(this Pass pass, Tensor x, Parameter gain, Parameter? bias = null)
    {
        ArgumentNullException.ThrowIfNull(gain);
        return LayerNormOp.Of(pass.Tape, x, gain, bias);
    }

    /// <summary>Neighbouring features of every row: x[…, start .. start + count].</summary>
    /// <exception cref="ArgumentOutOfRangeException">A range that the features do not hold.</exception>
    public static Tensor Slice(this Pass pass, Tensor x, int start, int count) => SliceFeaturesOp.Of(pass.Tape, x, start, count);

    /// <summary>Tensors side by side along the last axis.</summary>
    /// <exception cref="ArgumentException">No tensor, or tensors that differ in another axis or in their lengths.</exception>
    public static Tensor Concatenate(this Pass pass, params ReadOnlySpan<Tensor> parts) => ConcatenateOp.Of(pass.Tape, parts);

    /// <summary>Zeros [rows, features]: a state before the first step.</summary>
    public static unsafe Tensor Zeros(this Pass pass, int rows, int features)
    {
        Tensor zeros = pass.Tape.New(new Shape(rows, features));
        new Span<float>(pass.Tape.Read(zeros), zeros.StoredLength).Clear();
        return zeros;
    }
}

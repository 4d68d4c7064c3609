using System.Globalization;

namespace Unroll.Tensors;

/// <summary>
/// What large weights cost: Σ a·|w| + s·w² over a parameter's numbers, added to the training loss. Keras's L1, L2 and
/// L1L2 (no ½ before the square). Zeros pull nowhere.
/// </summary>
/// <remarks>
/// A value, to be shared by any number of layers. <c>Fit</c> counts it in the loss and its gradient before clipping; a
/// loop of one's own calls <c>Regularization.AddGradients</c> after the backward pass.
/// </remarks>
public sealed record Regularizer
{
    private const float Usual = 0.01f; // Keras's default

    private Regularizer(float absolute, float square)
    {
        Absolute = Checked(absolute, nameof(absolute));
        Square = Checked(square, nameof(square));
    }

    /// <summary>a, what each |w| costs.</summary>
    public float Absolute { get; }

    /// <summary>s, what each w² costs.</summary>
    public float Square { get; }

    /// <summary>a·Σ|w|, which drives weights to exactly zero.</summary>
    /// <param name="absolute">a; finite, at least 0. Default 0.01.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative, infinite or NaN factor.</exception>
    public static Regularizer L1(float absolute = Usual) => new(absolute, 0);

    /// <summary>s·Σw², whose gradient is 2s·w.</summary>
    /// <param name="square">s; finite, at least 0. Default 0.01.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative, infinite or NaN factor.</exception>
    public static Regularizer L2(float square = Usual) => new(0, square);

    /// <summary>a·Σ|w| + s·Σw².</summary>
    /// <param name="absolute">a; finite, at least 0. Default 0.01 (Keras's is 0).</param>
    /// <param name="square">s; finite, at least 0. Default 0.01 (Keras's is 0).</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative, infinite or NaN factor.</exception>
    public static Regularizer L1L2(float absolute = Usual, float square = Usual) => new(absolute, square);

    private static float Checked(float factor, string name) => float.IsFinite(factor) && factor >= 0
        ? factor
        : throw new ArgumentOutOfRangeException(name, string.Create(CultureInfo.InvariantCulture, $"Regularizer: expected a factor that is finite and at least 0, received {factor}."));
}

using Unroll.Basics;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;

namespace Unroll.Tensors;

/// <summary>
/// A named array of trained numbers and the gradient that backward passes add into. Matrices are kept in the panel
/// layout of the product kernels; <see cref="ToArray"/> and <see cref="Set"/> speak row-major.
/// </summary>
public sealed unsafe class Parameter
{
    private readonly NativeBlock _values;
    private readonly Lock _transposing = new();
    private NativeBlock? _gradients;
    private float _gradientScale = 1; // what the stored gradient must still be multiplied with
    private NativeBlock? _transposed;
    private float _rateMultiplier = 1;
    private long _version;
    private long _transposedVersion = -1;

    /// <summary>A row-major parameter of zeros.</summary>
    /// <param name="name">Unique within its layer, for example <c>"gamma"</c>.</param>
    /// <param name="shape">Every axis known.</param>
    public Parameter(string name, Shape shape)
        : this(name, shape, null)
    {
    }

    /// <summary>A matrix, or the bias of one, in panels; row-major where <paramref name="panels"/> is null.</summary>
    internal Parameter(string name, Shape shape, PanelLayout? panels)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (panels is not null && shape.Length != panels.Rows * panels.Columns)
            throw new ArgumentException($"Parameter '{name}': shape {shape} does not hold the panels of [{panels.Rows}, {panels.Columns}].");
        Name = name;
        Shape = shape;
        Panels = panels;
        TransposedPanels = panels is null ? null : TransposePanels.LayoutOf(panels);
        StorageLength = panels?.StorageLength ?? shape.Length;
        _values = new NativeBlock(StorageLength);
    }

    /// <summary>The name; within a model it is prefixed by the layer's, for example <c>"lstm/kernel"</c>.</summary>
    public string Name { get; internal set; }

    /// <summary>The logical shape.</summary>
    public Shape Shape { get; }

    /// <summary>How many numbers are trained.</summary>
    public int Count => Shape.Length;

    /// <summary>Whether optimisers change it and backward passes compute its gradient. Default true.</summary>
    public bool Trainable { get; set; } = true;

    /// <summary>
    /// What an optimiser multiplies its learning rate with for this parameter; finite, at least 0. Default 1. Not saved with
    /// a model: it is a matter of the training.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, infinite or NaN.</exception>
    public float RateMultiplier
    {
        get => _rateMultiplier;
        set => _rateMultiplier = float.IsFinite(value) && value >= 0 ? value
            : throw new ArgumentOutOfRangeException(nameof(value), FormattableString.Invariant($"Parameter '{Name}': expected a rate multiplier that is finite and at least 0, received {value}."));
    }

    /// <summary>What its numbers cost in training; null, the default, for nothing.</summary>
    public Regularizer? Regularizer { get; set; }

    /// <summary>Where optimisers keep its numbers after each step; null, the default, for anywhere.</summary>
    public Constraint? Constraint { get; set; }

    /// <summary>How the numbers lie in memory, or null for row-major.</summary>
    internal PanelLayout? Panels { get; }

    /// <summary>The layout of <see cref="Transposed"/>, or null for row-major.</summary>
    internal PanelLayout? TransposedPanels { get; }

    /// <summary>Floats in memory, padding included. Padding is zero in values and gradients alike.</summary>
    internal int StorageLength { get; }

    /// <summary>The memory of the numbers.</summary>
    internal NativeBlock Block => _values;

    /// <summary>Floats of the transposed copy; 0 before one was asked for.</summary>
    internal long TransposedLength => _transposed?.Capacity ?? 0;

    /// <summary>The numbers as stored.</summary>
    internal float* Values => _values.Pointer;

    /// <summary>The gradient as stored; made, as zeros, when first asked for.</summary>
    internal float* Gradients
    {
        get
        {
            float* gradients = TakeGradients(out float scale);
            if (scale != 1) Map.Run(new ScaleMap(scale, -0f), gradients, gradients, StorageLength); // −0 leaves zeros their sign
            return gradients;
        }
    }

    /// <summary>Whether a gradient has been asked for.</summary>
    internal bool HasGradients => _gradients is not null;

    /// <summary>The values as a span, in storage order.</summary>
    internal Span<float> ValueSpan => new(Values, StorageLength);

    /// <summary>The gradient as a span, in storage order.</summary>
    internal Span<float> GradientSpan => new(Gradients, StorageLength);

    /// <summary>Grows by one whenever the values change.</summary>
    internal long Version => Volatile.Read(ref _version);

    /// <summary>Tells that the values changed, so that a cached transposed copy is stale.</summary>
    internal void MarkChanged() => Interlocked.Increment(ref _version);

    /// <summary>The numbers, row-major.</summary>
    public float[] ToArray() => Unpacked(ValueSpan);

    /// <summary>The gradient, row-major; zeros when no backward pass has reached it.</summary>
    public float[] GradientToArray() => Unpacked(GradientSpan);

    /// <summary>Replaces the numbers from a row-major array.</summary>
    /// <exception cref="ArgumentException">Another count than <see cref="Count"/>.</exception>
    public void Set(ReadOnlySpan<float> values)
    {
        if (values.Length != Count)
            throw new ArgumentException($"Parameter '{Name}' {Shape}: expected {Count} numbers, received {values.Length}.", nameof(values));
        Pack(values, ValueSpan);
        MarkChanged();
    }

    /// <summary>Sets the gradient to zeros, as an optimiser does after its step.</summary>
    public void ClearGradient()
    {
        if (HasGradients) new Span<float>(TakeGradients(out _), StorageLength).Clear();
    }

    /// <summary>
    /// Multiplies the gradient. It is done when the gradient is next read: an optimiser does it in its own pass over the
    /// memory (<see cref="TakeGradients"/>), for anyone else <see cref="Gradients"/> does.
    /// </summary>
    internal void ScaleGradient(float factor)
    {
        _ = Gradients; // an earlier factor first: two rounded products are not one
        _gradientScale = factor;
    }

    /// <summary>The gradient as stored, which the caller multiplies with <paramref name="scale"/>.</summary>
    internal float* TakeGradients(out float scale)
    {
        (scale, _gradientScale) = (_gradientScale, 1);
        return (_gradients ??= new NativeBlock(StorageLength)).Pointer;
    }

    /// <summary>
    /// The matrix transposed, in wide panels (<see cref="TransposePanels"/>). Rebuilt when the values have changed.
    /// </summary>
    internal float* Transposed()
    {
        PanelLayout panels = Panels ?? throw new InvalidOperationException($"Parameter '{Name}' has no panels to transpose.");
        lock (_transposing)
        {
            _transposed ??= new NativeBlock(TransposedPanels!.StorageLength);
            long version = Version;
            if (_transposedVersion != version)
            {
                TransposePanels.Run(panels, Values, _transposed.Pointer);
                _transposedVersion = version;
            }
            return _transposed.Pointer;
        }
    }

    /// <summary>Row-major numbers as this parameter's lie in memory.</summary>
    internal void Pack(ReadOnlySpan<float> rowMajor, Span<float> storage)
    {
        if (Panels is null) rowMajor.CopyTo(storage);
        else Panels.Pack(rowMajor, storage);
    }

    /// <summary>Row-major the numbers that lie in memory as this parameter's.</summary>
    internal float[] Unpacked(ReadOnlySpan<float> storage)
    {
        if (Panels is null) return storage.ToArray();
        float[] logical = new float[Count];
        Panels.Unpack(storage, logical);
        return logical;
    }
}

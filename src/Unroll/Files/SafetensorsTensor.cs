namespace Unroll.Files;

/// <summary>Fills a tensor's elements, the last axis together. The span has exactly the tensor's number of elements.</summary>
public delegate void TensorFill(Span<float> destination);

/// <summary>A tensor to be written: its name, shape and where its elements come from.</summary>
public sealed class SafetensorsTensor
{
    private SafetensorsTensor(string name, TensorDataType dataType, ReadOnlySpan<int> shape)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == SafetensorsHeader.MetadataKey)
            throw new ArgumentException($"No tensor can be called '{name}': the format keeps this name for metadata.", nameof(name));
        var axes = new long[shape.Length];
        for (int i = 0; i < shape.Length; i++)
        {
            if (shape[i] < 0) throw new ArgumentException($"Tensor '{name}': axis {i} is {shape[i]}; a length is 0 or more.", nameof(shape));
            axes[i] = shape[i];
        }
        long? count = SafetensorsHeader.Count(axes, TensorDataTypes.Size(dataType));
        if (count is null || count > Array.MaxLength)
            throw new ArgumentException($"Tensor '{name}': {TensorInfo.Format(axes)} has more than {Array.MaxLength} elements.", nameof(shape));
        Name = name;
        DataType = dataType;
        Shape = axes;
        ElementCount = (int)count.Value;
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>How the elements are stored: F32 or I64.</summary>
    public TensorDataType DataType { get; }

    internal long[] Shape { get; }

    internal int ElementCount { get; }

    internal long ByteLength => (long)ElementCount * TensorDataTypes.Size(DataType);

    internal TensorFill? Fill { get; private init; }

    internal ReadOnlyMemory<float> FloatValues { get; private init; }

    internal ReadOnlyMemory<long> IntegerValues { get; private init; }

    /// <summary>An F32 tensor from memory.</summary>
    /// <param name="name">The name, unique in the file.</param>
    /// <param name="shape">Axis lengths, outermost first; empty for a single number.</param>
    /// <param name="values">The elements, the last axis together.</param>
    /// <exception cref="ArgumentException">The name is the format's own, an axis is negative, or shape and number of elements disagree.</exception>
    public static SafetensorsTensor Floats(string name, ReadOnlySpan<int> shape, ReadOnlyMemory<float> values) =>
        new SafetensorsTensor(name, TensorDataType.Float32, shape) { FloatValues = values }.Check(values.Length);

    /// <summary>An F32 tensor whose elements are asked for when it is their turn, so that one tensor at a time is held.</summary>
    /// <param name="name">The name, unique in the file.</param>
    /// <param name="shape">Axis lengths, outermost first; empty for a single number.</param>
    /// <param name="fill">Writes every element of the span that it is given.</param>
    /// <exception cref="ArgumentException">The name is the format's own, or an axis is negative.</exception>
    public static SafetensorsTensor Floats(string name, ReadOnlySpan<int> shape, TensorFill fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        return new SafetensorsTensor(name, TensorDataType.Float32, shape) { Fill = fill };
    }

    /// <summary>An I64 tensor from memory.</summary>
    /// <param name="name">The name, unique in the file.</param>
    /// <param name="shape">Axis lengths, outermost first; empty for a single number.</param>
    /// <param name="values">The elements, the last axis together.</param>
    /// <exception cref="ArgumentException">The name is the format's own, an axis is negative, or shape and number of elements disagree.</exception>
    public static SafetensorsTensor Integers(string name, ReadOnlySpan<int> shape, ReadOnlyMemory<long> values) =>
        new SafetensorsTensor(name, TensorDataType.Int64, shape) { IntegerValues = values }.Check(values.Length);

    private SafetensorsTensor Check(int length) => length == ElementCount
        ? this
        : throw new ArgumentException($"Tensor '{Name}': {TensorInfo.Format(Shape)} has {ElementCount} elements, received {length}.");
}

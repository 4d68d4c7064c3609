using System.Globalization;

namespace Unroll.Files;

/// <summary>What a safetensors file says about one tensor. Checked against the file's length; the data is not read yet.</summary>
public sealed class TensorInfo
{
    internal TensorInfo(string name, TensorDataType dataType, long[] shape, long elementCount, long offset)
    {
        Name = name;
        DataType = dataType;
        Shape = Array.AsReadOnly(shape);
        ElementCount = elementCount;
        Offset = offset;
    }

    /// <summary>The tensor's name, unique in its file.</summary>
    public string Name { get; }

    /// <summary>How the elements are stored.</summary>
    public TensorDataType DataType { get; }

    /// <summary>The lengths of the axes, outermost first, each 0 or more; empty for a single number. The last axis lies together.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>The product of <see cref="Shape"/>; 1 for a single number.</summary>
    public long ElementCount { get; }

    /// <summary>How many bytes the elements take in the file.</summary>
    public long ByteLength => ElementCount * TensorDataTypes.Size(DataType);

    /// <summary>Where the elements begin, in bytes from the first tensor's.</summary>
    internal long Offset { get; }

    /// <summary>Such as <c>lstm/kernel F32 [16, 512]</c>.</summary>
    public override string ToString() => $"{Name} {TensorDataTypes.Name(DataType)} {Format(Shape)}";

    internal static string Format(IReadOnlyList<long> shape) =>
        "[" + string.Join(", ", shape.Select(axis => axis.ToString(CultureInfo.InvariantCulture))) + "]";
}

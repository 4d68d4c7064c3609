namespace Unroll.Files;

/// <summary>How a safetensors file stores a tensor's elements, all little-endian.</summary>
public enum TensorDataType
{
    /// <summary>F32: IEEE single precision, 4 bytes.</summary>
    Float32,

    /// <summary>F64: IEEE double precision, 8 bytes.</summary>
    Float64,

    /// <summary>F16: IEEE half precision, 2 bytes.</summary>
    Float16,

    /// <summary>BF16: the upper half of a single, 2 bytes.</summary>
    BFloat16,

    /// <summary>I64: signed, 8 bytes.</summary>
    Int64,

    /// <summary>I32: signed, 4 bytes.</summary>
    Int32,

    /// <summary>U8: unsigned, 1 byte.</summary>
    UInt8,

    /// <summary>BOOL: 0 or 1 in a byte.</summary>
    Boolean,
}

/// <summary>The names and sizes that safetensors gives the element types.</summary>
internal static class TensorDataTypes
{
    public const string Known = "F32, F64, F16, BF16, I64, I32, U8 or BOOL";

    public static bool TryParse(string name, out TensorDataType type)
    {
        (bool known, type) = name switch
        {
            "F32" => (true, TensorDataType.Float32),
            "F64" => (true, TensorDataType.Float64),
            "F16" => (true, TensorDataType.Float16),
            "BF16" => (true, TensorDataType.BFloat16),
            "I64" => (true, TensorDataType.Int64),
            "I32" => (true, TensorDataType.Int32),
            "U8" => (true, TensorDataType.UInt8),
            "BOOL" => (true, TensorDataType.Boolean),
            _ => (false, default),
        };
        return known;
    }

    public static string Name(TensorDataType type) => type switch
    {
        TensorDataType.Float32 => "F32",
        TensorDataType.Float64 => "F64",
        TensorDataType.Float16 => "F16",
        TensorDataType.BFloat16 => "BF16",
        TensorDataType.Int64 => "I64",
        TensorDataType.Int32 => "I32",
        TensorDataType.UInt8 => "U8",
        _ => "BOOL",
    };

    public static int Size(TensorDataType type) => type switch
    {
        TensorDataType.Float64 or TensorDataType.Int64 => 8,
        TensorDataType.Float32 or TensorDataType.Int32 => 4,
        TensorDataType.Float16 or TensorDataType.BFloat16 => 2,
        _ => 1,
    };
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Unroll.Tests.Support;

/// <summary>The golden files: numbers that PyTorch computed in double precision, in safetensors files.</summary>
internal static class GoldenFiles
{
    /// <summary>The folder: environment variable UNROLL_GOLDENS, or this project's Goldens, which the build copies.</summary>
    public static string Folder { get; } = Find();

    /// <summary>The files whose names begin so, without folder and ending, in order.</summary>
    public static IEnumerable<string> Names(string prefix) =>
        Directory.GetFiles(Folder, prefix + "*.safetensors").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal);

    /// <summary>Reads one file.</summary>
    public static GoldenFile Open(string name) => new(Path.Combine(Folder, name + ".safetensors"));

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("UNROLL_GOLDENS") is { Length: > 0 } given) return given;
        string copied = Path.Combine(AppContext.BaseDirectory, "Goldens");
        if (Directory.Exists(copied)) return copied;
        throw new DirectoryNotFoundException($"The build did not copy tests/Unroll.Tests/Goldens to '{copied}'; name a folder in the environment variable UNROLL_GOLDENS.");
    }
}

/// <summary>One golden file, read whole.</summary>
internal sealed class GoldenFile
{
    private readonly byte[] _bytes;
    private readonly JsonObject _header;
    private readonly int _dataStart;

    public GoldenFile(string path)
    {
        _bytes = File.ReadAllBytes(path);
        int headerLength = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(_bytes));
        _header = JsonNode.Parse(_bytes.AsSpan(8, headerLength))!.AsObject();
        _dataStart = 8 + headerLength;
    }

    /// <summary>The tensors' names.</summary>
    public IEnumerable<string> Tensors => _header.Select(pair => pair.Key).Where(key => key != "__metadata__");

    public bool Has(string tensor) => tensor != "__metadata__" && _header.ContainsKey(tensor);

    /// <summary>A metadata value, or null.</summary>
    public string? Metadata(string key) => (string?)_header["__metadata__"]?[key];

    public int[] Shape(string tensor) => [.. _header[tensor]!["shape"]!.AsArray().Select(axis => (int)axis!)];

    /// <summary>The numbers, whatever their stored type.</summary>
    public float[] Floats(string tensor)
    {
        JsonNode entry = _header[tensor] ?? throw new KeyNotFoundException($"No tensor '{tensor}'; there are {string.Join(", ", Tensors)}.");
        int begin = (int)entry["data_offsets"]![0]!, end = (int)entry["data_offsets"]![1]!;
        ReadOnlySpan<byte> data = _bytes.AsSpan(_dataStart + begin, end - begin);
        return (string)entry["dtype"]! switch
        {
            "F32" => MemoryMarshal.Cast<byte, float>(data).ToArray(),
            "F64" => [.. MemoryMarshal.Cast<byte, double>(data).ToArray().Select(value => (float)value)],
            "I64" => [.. MemoryMarshal.Cast<byte, long>(data).ToArray().Select(value => (float)value)],
            "I32" => [.. MemoryMarshal.Cast<byte, int>(data).ToArray().Select(value => (float)value)],
            "BOOL" or "U8" => [.. data.ToArray().Select(value => (float)value)],
            string type => throw new NotSupportedException($"Tensor '{tensor}' has type {type}."),
        };
    }
}

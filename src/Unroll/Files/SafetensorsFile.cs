using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Unroll.Basics;

namespace Unroll.Files;

/// <summary>
/// A safetensors file opened for reading: named tensors and text metadata, and nothing that could run code. Opening
/// reads and checks the header alone, against the file's length; a tensor's data is read when asked for. Any thread may
/// read. Format: a length of 8 bytes (little-endian), that many bytes of JSON, then the tensors' bytes without gaps.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly Stream _stream;
    private readonly Lock _reading = new();
    private readonly SafetensorsHeader _header;
    private readonly long _dataStart;
    private readonly bool _leaveOpen;

    private SafetensorsFile(Stream stream, string name, bool leaveOpen)
    {
        Name = name;
        _stream = stream;
        _leaveOpen = leaveOpen;
        _header = ReadHeader(stream, name, out _dataStart);
        Names = [.. _header.Tensors.Keys];
    }

    /// <summary>The file's path, or the name given for a stream; messages use it.</summary>
    public string Name { get; }

    /// <summary>The tensors' names in the header's order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>What is known of each tensor, in the header's order.</summary>
    public IEnumerable<TensorInfo> Tensors => _header.Tensors.Values;

    /// <summary>The file's text metadata, in the header's order; empty where it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file.</summary>
    /// <exception cref="ModelFileException">The file cannot be opened, or is not a whole and valid safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            string reason = cause switch
            {
                FileNotFoundException or DirectoryNotFoundException => "there is no such file. Check the path",
                UnauthorizedAccessException when Directory.Exists(path) => "it is a folder. Give the path of a file",
                UnauthorizedAccessException => "no permission to read it. Change the file's permissions",
                _ => cause.Message.TrimEnd('.'),
            };
            throw new ModelFileException($"'{path}' cannot be opened: {reason}.", cause);
        }
        try
        {
            return new SafetensorsFile(stream, path, leaveOpen: false);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads from a stream that can seek, from its beginning to its end.</summary>
    /// <param name="stream">The bytes of a safetensors file.</param>
    /// <param name="name">What messages call the file.</param>
    /// <param name="leaveOpen">Whether disposing leaves the stream open. Default false.</param>
    /// <exception cref="ArgumentException">The stream cannot seek or read.</exception>
    /// <exception cref="ModelFileException">The stream is not a whole and valid safetensors file.</exception>
    public static SafetensorsFile Open(Stream stream, string name, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        if (!stream.CanSeek || !stream.CanRead)
            throw new ArgumentException("Expected a stream that can seek and read; copy it to a MemoryStream first.", nameof(stream));
        return new SafetensorsFile(stream, name, leaveOpen);
    }

    /// <summary>Reads from memory. The bytes are not copied and must not change.</summary>
    /// <param name="bytes">The bytes of a safetensors file.</param>
    /// <param name="name">What messages call the file.</param>
    /// <exception cref="ModelFileException">The bytes are not a whole and valid safetensors file.</exception>
    public static SafetensorsFile Open(byte[] bytes, string name)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(name);
        return new SafetensorsFile(new MemoryStream(bytes, writable: false), name, leaveOpen: false);
    }

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Contains(string name) => _header.Tensors.ContainsKey(name);

    /// <summary>What is known of a tensor; false where there is none of this name.</summary>
    public bool TryGetInfo(string name, [NotNullWhen(true)] out TensorInfo? info) => _header.Tensors.TryGetValue(name, out info);

    /// <summary>What is known of a tensor.</summary>
    /// <exception cref="ModelFileException">There is no tensor of this name.</exception>
    public TensorInfo Info(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_header.Tensors.TryGetValue(name, out TensorInfo? info)) return info;
        const int shown = 8;
        string others = Names.Count == 0 ? "no tensors at all"
            : string.Join(", ", Names.Take(shown).Select(QuotedText.Of)) + (Names.Count > shown ? $" and {Names.Count - shown} more" : "");
        throw new ModelFileException($"'{Name}': expected a tensor {QuotedText.Of(name)}, found {others}. " +
            "Check that the file belongs to this model.");
    }

    /// <summary>A tensor's elements as floats, the last axis together: F32 as they are, F64, F16 and BF16 converted.</summary>
    /// <exception cref="ModelFileException">There is no such tensor, it holds whole numbers, or it is too large for an array.</exception>
    public float[] ReadFloats(string name)
    {
        TensorInfo info = Expect(name, isFloat: true);
        var values = new float[ArrayLength(info)];
        ReadFloats(info, values);
        return values;
    }

    /// <summary>A tensor's elements as floats into memory that the caller has.</summary>
    /// <exception cref="ArgumentException">The destination does not have the tensor's number of elements.</exception>
    /// <exception cref="ModelFileException">There is no such tensor, or it holds whole numbers.</exception>
    public void ReadFloats(string name, Span<float> destination)
    {
        TensorInfo info = Expect(name, isFloat: true);
        if (info.ElementCount != destination.Length)
        {
            throw new ArgumentException($"'{Name}', tensor {QuotedText.Of(name)}: the destination has {destination.Length} elements, " +
                $"the tensor {TensorInfo.Format(info.Shape)} has {info.ElementCount}.", nameof(destination));
        }
        ReadFloats(info, destination);
    }

    /// <summary>A tensor's elements in double precision, the last axis together; F32, F16 and BF16 convert exactly.</summary>
    /// <exception cref="ModelFileException">There is no such tensor, it holds whole numbers, or it is too large for an array.</exception>
    public double[] ReadDoubles(string name)
    {
        TensorInfo info = Expect(name, isFloat: true);
        var values = new double[ArrayLength(info)];
        if (info.DataType == TensorDataType.Float64)
        {
            ReadChunks(info, values, static (bytes, i) => BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]));
            return values;
        }
        float[] floats = ReadFloats(name);
        for (int i = 0; i < floats.Length; i++) values[i] = floats[i];
        return values;
    }

    /// <summary>A tensor's whole numbers, the last axis together: I64, I32, U8, or BOOL as 0 and 1.</summary>
    /// <exception cref="ModelFileException">There is no such tensor, it holds floats, or it is too large for an array.</exception>
    public long[] ReadIntegers(string name)
    {
        TensorInfo info = Expect(name, isFloat: false);
        var values = new long[ArrayLength(info)];
        ReadChunks(info, values, info.DataType switch
        {
            TensorDataType.Int64 => static (bytes, i) => BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 * i)..]),
            TensorDataType.Int32 => static (bytes, i) => BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]),
            _ => static (bytes, i) => bytes[i],
        });
        if (info.DataType == TensorDataType.Boolean && values.AsSpan().ContainsAnyExceptInRange(0, 1))
            throw new ModelFileException($"'{Name}', tensor {QuotedText.Of(name)}: expected 0 or 1 in a BOOL tensor, found " +
                $"{values.First(value => value > 1)}. The file is damaged; fetch it again or write it anew.");
        return values;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        if (!_leaveOpen) _stream.Dispose();
    }

    private static SafetensorsHeader ReadHeader(Stream stream, string name, out long dataStart)
    {
        const string wayOut = "It is cut short or not a safetensors file; fetch it again or write it anew.";
        long length = stream.Length;
        if (length < 8)
            throw new ModelFileException($"'{name}': expected at least 8 bytes, found {length}. {wayOut}");
        Span<byte> prefix = stackalloc byte[8];
        stream.Position = 0;
        stream.ReadExactly(prefix);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > (ulong)(length - 8))
        {
            throw new ModelFileException($"'{name}': its first 8 bytes announce a header of {headerLength} bytes, " +
                $"but only {length - 8} follow. {wayOut}");
        }
        if (headerLength > SafetensorsHeader.LongestHeader)
        {
            throw new ModelFileException($"'{name}': its first 8 bytes announce a header of {headerLength} bytes; " +
                $"at most {SafetensorsHeader.LongestHeader} are read. {wayOut}");
        }
        var json = new byte[headerLength];
        stream.ReadExactly(json);
        dataStart = 8 + (long)headerLength;
        return SafetensorsHeader.Parse(json, length - dataStart, name);
    }

    private TensorInfo Expect(string name, bool isFloat)
    {
        TensorInfo info = Info(name);
        bool found = info.DataType is TensorDataType.Float32 or TensorDataType.Float64 or TensorDataType.Float16 or TensorDataType.BFloat16;
        if (found == isFloat) return info;
        throw new ModelFileException($"'{Name}', tensor {QuotedText.Of(name)}: expected {(isFloat ? "F32, F64, F16 or BF16" : "I64, I32, U8 or BOOL")}, " +
            $"found {TensorDataTypes.Name(info.DataType)}. Convert the tensor, or check that the file belongs to this model.");
    }

    private int ArrayLength(TensorInfo info) => info.ElementCount <= Array.MaxLength
        ? (int)info.ElementCount
        : throw new ModelFileException($"'{Name}', tensor {QuotedText.Of(info.Name)}: it has {info.ElementCount} elements; " +
            $"an array holds at most {Array.MaxLength}. Split the tensor.");

    private void ReadFloats(TensorInfo info, Span<float> destination)
    {
        switch (info.DataType)
        {
            case TensorDataType.Float32:
                ReadSingles(info, destination);
                break;
            case TensorDataType.Float64:
                ReadChunks(info, destination, static (bytes, i) => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]));
                break;
            case TensorDataType.Float16:
                ReadChunks(info, destination, static (bytes, i) => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]));
                break;
            default:
                ReadChunks(info, destination, static (bytes, i) =>
                    BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16));
                break;
        }
    }

    private void ReadSingles(TensorInfo info, Span<float> destination)
    {
        const int chunk = 1 << 20; // a span counts its bytes in an int, so a large tensor comes in parts
        for (int start = 0; start < destination.Length; start += chunk)
        {
            Span<float> part = destination.Slice(start, Math.Min(chunk, destination.Length - start));
            Read(info, 4L * start, MemoryMarshal.AsBytes(part));
            if (BitConverter.IsLittleEndian) continue;
            Span<int> bits = MemoryMarshal.Cast<float, int>(part);
            BinaryPrimitives.ReverseEndianness(bits, bits);
        }
    }

    private delegate T Element<T>(ReadOnlySpan<byte> bytes, int index);

    private void ReadChunks<T>(TensorInfo info, Span<T> destination, Element<T> element)
    {
        const int chunk = 8192;
        int size = TensorDataTypes.Size(info.DataType);
        var bytes = new byte[Math.Min(destination.Length, chunk) * size];
        for (int start = 0; start < destination.Length; start += chunk)
        {
            int count = Math.Min(chunk, destination.Length - start);
            Read(info, (long)start * size, bytes.AsSpan(0, count * size));
            for (int i = 0; i < count; i++) destination[start + i] = element(bytes, i);
        }
    }

    private void Read(TensorInfo info, long offset, Span<byte> bytes)
    {
        try
        {
            lock (_reading)
            {
                _stream.Position = _dataStart + info.Offset + offset;
                _stream.ReadExactly(bytes);
            }
        }
        catch (EndOfStreamException cause)
        {
            throw new ModelFileException($"'{Name}', tensor {QuotedText.Of(info.Name)}: the file became shorter while it was read. " +
                "Open it again when nothing writes to it.", cause);
        }
    }
}

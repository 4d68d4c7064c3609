using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Unroll.Basics;

namespace Unroll.Files;

/// <summary>
/// Writes safetensors files. Equal tensors and metadata in equal order give equal bytes: metadata first, then tensors,
/// each in the order given; the header padded with spaces to a multiple of 8 bytes.
/// </summary>
public static class SafetensorsWriter
{
    /// <summary>Writes a file whole or not at all: under a temporary name, flushed, then renamed.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="tensors">The tensors, with names that differ.</param>
    /// <param name="metadata">Keys that differ, and text; null for none.</param>
    /// <exception cref="ArgumentException">A name or key comes twice, or text is not valid Unicode.</exception>
    /// <exception cref="IOException">The file cannot be written; the message has the path and the reason.</exception>
    public static void Write(string path, IReadOnlyList<SafetensorsTensor> tensors, IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        byte[] header = Header(tensors, metadata);
        AtomicFile.Write(path, stream => Write(stream, header, tensors));
    }

    /// <summary>Writes to a stream from where it stands.</summary>
    /// <param name="stream">Where the bytes go; stays open.</param>
    /// <param name="tensors">The tensors, with names that differ.</param>
    /// <param name="metadata">Keys that differ, and text; null for none.</param>
    /// <exception cref="ArgumentException">A name or key comes twice, or text is not valid Unicode.</exception>
    public static void Write(Stream stream, IReadOnlyList<SafetensorsTensor> tensors, IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Write(stream, Header(tensors, metadata), tensors);
    }

    private static byte[] Header(IReadOnlyList<SafetensorsTensor> tensors, IEnumerable<KeyValuePair<string, string>>? metadata)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var buffer = new ArrayBufferWriter<byte>();
        // Relaxed escaping keeps JSON inside metadata readable; the bytes never stand in a web page as they are.
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is not null) WriteMetadata(json, metadata);
            var names = new HashSet<string>(StringComparer.Ordinal);
            long offset = 0;
            foreach (SafetensorsTensor tensor in tensors)
            {
                if (!names.Add(tensor.Name)) throw new ArgumentException($"The tensor name '{tensor.Name}' comes twice.", nameof(tensors));
                json.WriteStartObject(Checked(tensor.Name));
                json.WriteString("dtype", TensorDataTypes.Name(tensor.DataType));
                WriteNumbers(json, "shape", tensor.Shape);
                WriteNumbers(json, "data_offsets", [offset, offset + tensor.ByteLength]);
                json.WriteEndObject();
                offset += tensor.ByteLength;
            }
            json.WriteEndObject();
        }
        int padding = -buffer.WrittenCount & 7;
        if (buffer.WrittenCount + padding > SafetensorsHeader.LongestHeader)
            throw new ArgumentException($"Names and metadata take {buffer.WrittenCount} bytes; a header holds at most {SafetensorsHeader.LongestHeader}.", nameof(metadata));
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteMetadata(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        json.WriteStartObject(SafetensorsHeader.MetadataKey);
        foreach ((string key, string value) in metadata)
        {
            if (!keys.Add(key)) throw new ArgumentException($"The metadata key '{key}' comes twice.", nameof(metadata));
            if (value is null) throw new ArgumentException($"The metadata '{key}' is null; give text or leave the key out.", nameof(metadata));
            json.WriteString(Checked(key), Checked(value));
        }
        json.WriteEndObject();
    }

    // The JSON writer would put a replacement character in the place of half a surrogate pair: other text than was given.
    private static string Checked(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (!char.IsSurrogatePair(text, i))
                throw new ArgumentException($"The text {QuotedText.Of(text)} has half a surrogate pair at character {i}; give valid Unicode.", nameof(text));
            i++;
        }
        return text;
    }

    private static void WriteNumbers(Utf8JsonWriter json, string key, ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(key);
        foreach (long number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static void Write(Stream stream, byte[] header, IReadOnlyList<SafetensorsTensor> tensors)
    {
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        // One buffer, as large as the largest tensor that asks for one, serves them all.
        float[] scratch = [];
        foreach (SafetensorsTensor tensor in tensors)
        {
            if (tensor.DataType == TensorDataType.Int64)
            {
                WriteIntegers(stream, tensor.IntegerValues.Span);
            }
            else if (tensor.Fill is { } fill)
            {
                if (scratch.Length < tensor.ElementCount) scratch = new float[tensor.ElementCount];
                Span<float> values = scratch.AsSpan(0, tensor.ElementCount);
                values.Clear();
                fill(values);
                WriteFloats(stream, values);
            }
            else
            {
                WriteFloats(stream, tensor.FloatValues.Span);
            }
        }
    }

    private static void WriteFloats(Stream stream, ReadOnlySpan<float> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            // A span of bytes holds 2^31 - 1 of them, a quarter of what a float array may take.
            const int chunk = 1 << 20;
            for (; values.Length > chunk; values = values[chunk..]) stream.Write(MemoryMarshal.AsBytes(values[..chunk]));
            stream.Write(MemoryMarshal.AsBytes(values));
            return;
        }
        Span<byte> bytes = stackalloc byte[4];
        foreach (float value in values)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            stream.Write(bytes);
        }
    }

    private static void WriteIntegers(Stream stream, ReadOnlySpan<long> values)
    {
        Span<byte> bytes = stackalloc byte[8];
        foreach (long value in values)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
            stream.Write(bytes);
        }
    }
}

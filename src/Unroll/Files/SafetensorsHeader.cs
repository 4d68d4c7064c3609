using System.Text.Json;
using System.Text.Unicode;
using Unroll.Basics;

namespace Unroll.Files;

/// <summary>
/// The JSON at the head of a safetensors file: per tensor its type, shape and place, and free text as metadata. Nothing
/// in it is believed before it is checked against the file's length.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The longest header that is read, in bytes; the format's reference reader has the same bound.</summary>
    public const long LongestHeader = 100_000_000;

    /// <summary>The header's key for metadata, which no tensor can have.</summary>
    public const string MetadataKey = "__metadata__";

    private const string Damaged = "The file is damaged or was written wrongly; fetch it again or write it anew.";

    private readonly string _file;

    private SafetensorsHeader(string file) => _file = file;

    /// <summary>Names to tensors, in the header's order.</summary>
    public OrderedDictionary<string, TensorInfo> Tensors { get; } = new(StringComparer.Ordinal);

    /// <summary>Keys to text, in the header's order.</summary>
    public OrderedDictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads and checks a header.</summary>
    /// <param name="json">The header's bytes, without the length before them.</param>
    /// <param name="dataLength">How many bytes follow the header in the file.</param>
    /// <param name="file">The file's name for messages.</param>
    /// <exception cref="ModelFileException">Anything is not as the format says.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength, string file)
    {
        var header = new SafetensorsHeader(file);
        if (!Utf8.IsValid(json)) throw header.Fault("the header is not UTF-8");
        if (json.IsEmpty || json[0] != (byte)'{') throw header.Fault("the header does not begin with '{'");
        try
        {
            header.ReadAll(json);
        }
        catch (Exception cause) when (cause is JsonException or InvalidOperationException)
        {
            // JsonException: not JSON, or nested too deep. InvalidOperationException: an escaped half of a surrogate pair.
            throw new ModelFileException($"'{file}': the header is not valid JSON: {cause.Message} {Damaged}", cause);
        }
        header.CheckPlaces(dataLength);
        return header;
    }

    private void ReadAll(ReadOnlySpan<byte> json)
    {
        // Depth 3 is a tensor's shape: { "name": { "shape": [ ; a key that is not ours may hold a little more.
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        reader.Read();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (!names.Add(name)) throw Fault($"the name {QuotedText.Of(name)} is given twice");
            reader.Read();
            if (name == MetadataKey) ReadMetadata(ref reader);
            else Tensors.Add(name, ReadTensor(ref reader, name));
        }
        // Reading on makes the reader report anything but blanks after the closing brace.
        while (reader.Read())
        {
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Fault($"expected '{MetadataKey}' to be an object of text, found {Kind(reader.TokenType)}");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw Fault($"expected text for the metadata {QuotedText.Of(key)}, found {Kind(reader.TokenType)}");
            if (!Metadata.TryAdd(key, reader.GetString()!))
                throw Fault($"the metadata {QuotedText.Of(key)} is given twice");
        }
    }

    private TensorInfo ReadTensor(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Fault(name, $"expected an object with dtype, shape and data_offsets, found {Kind(reader.TokenType)}");
        string? typeName = null;
        long[]? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            bool twice = false;
            switch (key)
            {
                case "dtype":
                    if (reader.TokenType != JsonTokenType.String)
                        throw Fault(name, $"expected dtype to be text, found {Kind(reader.TokenType)}");
                    twice = typeName is not null;
                    typeName = reader.GetString()!;
                    break;
                case "shape":
                    twice = shape is not null;
                    shape = ReadNumbers(ref reader, name, key);
                    break;
                case "data_offsets":
                    twice = offsets is not null;
                    offsets = ReadNumbers(ref reader, name, key);
                    break;
                default:
                    reader.Skip();
                    break;
            }
            if (twice) throw Fault(name, $"{key} is given twice");
        }
        if (typeName is null || shape is null || offsets is null)
            throw Fault(name, $"expected dtype, shape and data_offsets; {(typeName is null ? "dtype" : shape is null ? "shape" : "data_offsets")} is missing");
        if (!TensorDataTypes.TryParse(typeName, out TensorDataType type))
        {
            throw new ModelFileException($"{Where(name)}: expected the element type {TensorDataTypes.Known}, found " +
                $"{QuotedText.Of(typeName)}. Convert the tensor to one of these types.");
        }
        if (offsets.Length != 2 || offsets[0] > offsets[1])
            throw Fault(name, $"expected data_offsets to be a beginning and an end not before it, found {TensorInfo.Format(offsets)}");
        long? count = Count(shape, TensorDataTypes.Size(type));
        if (count is null)
            throw Fault(name, $"the shape {TensorInfo.Format(shape)} has more elements than any file can hold");
        long expected = count.Value * TensorDataTypes.Size(type), found = offsets[1] - offsets[0];
        if (expected != found)
            throw Fault(name, $"{typeName} {TensorInfo.Format(shape)} takes {expected} bytes, data_offsets {TensorInfo.Format(offsets)} hold {found}");
        return new TensorInfo(name, type, shape, count.Value, offsets[0]);
    }

    private long[] ReadNumbers(ref Utf8JsonReader reader, string name, string key)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Fault(name, $"expected {key} to be a list of whole numbers, found {Kind(reader.TokenType)}");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number)
                throw Fault(name, $"expected {key} to be a list of whole numbers, found {Kind(reader.TokenType)} in it");
            if (!reader.TryGetInt64(out long number) || number < 0)
                throw Fault(name, $"expected {key} to be whole numbers from 0 to 2^63 - 1, found {QuotedText.Of(System.Text.Encoding.UTF8.GetString(reader.ValueSpan))}");
            numbers.Add(number);
        }
        return [.. numbers];
    }

    /// <summary>How many elements a shape has, or null where their bytes do not fit a long.</summary>
    internal static long? Count(ReadOnlySpan<long> shape, int elementSize)
    {
        if (shape.Contains(0)) return 0;
        UInt128 bytes = (UInt128)elementSize;
        foreach (long axis in shape)
        {
            bytes *= (UInt128)axis; // below 2^63 times below 2^63: no overflow
            if (bytes > long.MaxValue) return null;
        }
        return (long)bytes / elementSize;
    }

    /// <summary>The tensors must fill the data: no hole, no overlap, nothing before or behind.</summary>
    private void CheckPlaces(long dataLength)
    {
        TensorInfo[] byPlace = [.. Tensors.Values.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.ByteLength)];
        long end = 0;
        foreach (TensorInfo tensor in byPlace)
        {
            if (tensor.Offset != end)
            {
                throw Fault(tensor.Name, tensor.Offset < end
                    ? $"its data begins at byte {tensor.Offset}, inside the tensor before it, which ends at byte {end}"
                    : $"its data begins at byte {tensor.Offset}, expected {end}, the end of the tensor before it");
            }
            if (tensor.ByteLength > dataLength - end)
                throw Fault(tensor.Name, $"its data ends at byte {(UInt128)end + (UInt128)tensor.ByteLength}, but the file has {dataLength} bytes of data");
            end += tensor.ByteLength;
        }
        if (end != dataLength)
            throw Fault($"the tensors take {end} bytes of data, but the file has {dataLength}");
    }

    private string Where(string tensor) => $"'{_file}', tensor {QuotedText.Of(tensor)}";

    private ModelFileException Fault(string fault) => new($"'{_file}': {fault}. {Damaged}");

    private ModelFileException Fault(string tensor, string fault) => new($"{Where(tensor)}: {fault}. {Damaged}");

    private static string Kind(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "text",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "true or false",
    };
}

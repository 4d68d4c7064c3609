using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Basics;
using Unroll.Files;

namespace Unroll.Text;

/// <summary>A JSON object in a file, with the name and version of its format.</summary>
internal static class JsonTextFile
{
    /// <summary>The longest file that is read, in bytes: the longest that a model file's description may have, several times over.</summary>
    private const long LongestFile = 1L << 29;

    private const int Version = 1;

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    public static void Write(string path, string format, JsonObject content)
    {
        content.Insert(0, "format", format);
        content.Insert(1, "format_version", Version);
        AtomicFile.WriteText(path, content.ToJsonString() + "\n");
    }

    /// <exception cref="TextFileException">No such file, or none of this format; or what <paramref name="make"/> refuses.</exception>
    public static TContent Read<TContent>(string path, string format, Func<JsonObject, TContent> make)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            byte[] bytes;
            using (FileStream stream = File.OpenRead(path))
            {
                if (stream.Length > LongestFile) throw new TextFileException($"{path}: expected at most {LongestFile} bytes, found {stream.Length}. This is no file of the format '{format}'.");
                bytes = new byte[stream.Length];
                stream.ReadExactly(bytes);
            }
            return Parse(bytes, format, make, path);
        }
        catch (Exception cause) when (cause is UnauthorizedAccessException or (IOException and not TextFileException))
        {
            throw TextFileException.Of(path, cause);
        }
    }

    private static TContent Parse<TContent>(byte[] bytes, string format, Func<JsonObject, TContent> make, string path)
    {
        try
        {
            if (JsonNode.Parse(bytes, documentOptions: s_strict) is not JsonObject content) throw new InvalidDataException("expected a JSON object");
            if (content["format"] is not JsonValue name || !name.TryGetValue(out string? found) || found != format)
                throw new InvalidDataException($"expected the format '{format}', found {QuotedText.Of(content["format"]?.ToJsonString() ?? "none")}");
            if (content["format_version"] is not JsonValue version || !version.TryGetValue(out int number) || number != Version)
                throw new InvalidDataException($"expected format version {Version}, found {QuotedText.Of(content["format_version"]?.ToJsonString() ?? "none")}; a newer version of this library may have written it");
            return make(content);
        }
        catch (Exception cause) when (cause is InvalidDataException or ArgumentException or InvalidOperationException or JsonException)
        {
            throw new TextFileException($"{path}: {cause.Message}", cause);
        }
    }
}

using System.Text.Json.Nodes;

namespace Unroll.Tasks;

/// <summary>Reads fields that must be there.</summary>
internal static class JsonFields
{
    public static T Value<T>(JsonObject json, string name) => json[name] is JsonValue value && value.TryGetValue(out T? result)
        ? result
        : throw new InvalidDataException($"the field '{name}' is absent or of another type");

    public static JsonArray Array(JsonObject json, string name) => json[name] as JsonArray
        ?? throw new InvalidDataException($"the field '{name}' is absent or no list");
}

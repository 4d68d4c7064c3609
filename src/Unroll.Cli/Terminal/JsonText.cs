using System.Text;
using System.Text.Json.Nodes;

namespace Unroll.Cli.Terminal;

/// <summary>JSON for a reader: a line a field, lists of numbers or words on one line.</summary>
internal static class JsonText
{
    /// <summary>The text of a node that stands that many spaces from the left.</summary>
    public static string Of(JsonNode? node, int indent)
    {
        var text = new StringBuilder();
        Write(text, node, indent);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonNode? node, int indent)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } fields:
                foreach ((string key, JsonNode? value) in fields)
                {
                    text.Append('\n').Append(' ', indent + 2).Append(key).Append(':');
                    if (!HasLines(value)) text.Append(' ');
                    Write(text, value, indent + 2);
                }
                break;
            case JsonArray list when HasLines(list):
                foreach (JsonNode? item in list)
                {
                    text.Append('\n').Append(' ', indent + 2).Append('-');
                    if (!HasLines(item)) text.Append(' ');
                    Write(text, item, indent + 2);
                }
                break;
            case JsonArray list:
                text.Append('[').AppendJoin(", ", list.Select(Plain)).Append(']');
                break;
            default:
                text.Append(Plain(node));
                break;
        }
    }

    private static bool HasLines(JsonNode? node) =>
        node is JsonObject { Count: > 0 } || (node is JsonArray list && list.Any(item => item is JsonObject or JsonArray));

    private static string Plain(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? words) ? words : node?.ToJsonString() ?? "none";
}

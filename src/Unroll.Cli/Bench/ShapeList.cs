using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Inference;

namespace Unroll.Cli.Bench;

/// <summary>Reads the list of shapes to time: a JSON array of objects with the fields of <see cref="BenchShape"/>.</summary>
internal static class ShapeList
{
    private const string Example = """{"name": "a", "cell": "lstm", "batch": 32, "steps": 50, "inputs": 8, "units": 64, "layers": 1, "bidirectional": false}""";

    /// <summary>The list that the program carries.</summary>
    public static IReadOnlyList<BenchShape> Embedded()
    {
        using Stream stream = typeof(ShapeList).Assembly.GetManifestResourceStream("Unroll.Cli.Bench.shapes.json")
            ?? throw new InvalidOperationException("The program was built without its list of shapes.");
        using var reader = new StreamReader(stream);
        return Parse(reader.ReadToEnd(), "the embedded list");
    }

    /// <summary>The list in a file.</summary>
    /// <exception cref="InputException">The file cannot be read, or is no such list.</exception>
    public static IReadOnlyList<BenchShape> Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new InputException(Directory.Exists(path)
                ? $"{path}: expected a JSON file with shapes, found a folder."
                : $"{path}: the list of shapes cannot be read: {(File.Exists(path) ? "no permission" : "no such file")}. Check the path, or leave --shapes out for the embedded list.", cause);
        }
        return Parse(text, path);
    }

    /// <summary>The shapes in a JSON text.</summary>
    /// <exception cref="InputException">It is no such list.</exception>
    public static IReadOnlyList<BenchShape> Parse(string json, string path)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(json);
        }
        catch (JsonException cause)
        {
            throw new InputException($"{path}, line {cause.LineNumber + 1}: this is not JSON. Expected a list of shapes like [{Example}].", cause);
        }
        if (root is not JsonArray { Count: > 0 } list)
            throw new InputException($"{path}: expected a list of at least one shape like [{Example}].");
        var shapes = new List<BenchShape>();
        for (int i = 0; i < list.Count; i++) shapes.Add(One(list[i], $"{path}, shape {i + 1}"));
        return shapes;
    }

    private static BenchShape One(JsonNode? node, string where)
    {
        if (node is not JsonObject entry) throw new InputException($"{where}: expected an object like {Example}.");
        string name = Text(entry, "name", where) is { Length: > 0 } given ? given : throw new InputException($"{where}: field 'name' is missing or empty.");
        where += $" ('{name}')";
        string cell = Text(entry, "cell", where) ?? "";
        if (!BenchCell.All.ContainsKey(cell)) throw new InputException($"{where}: field 'cell' is '{cell}'; expected one of {string.Join(", ", BenchCell.All.Keys)}.");
        string? lengths = Text(entry, "lengths", where);
        if (lengths is not (null or "linear")) throw new InputException($"{where}: field 'lengths' is '{lengths}'; expected linear, or no such field.");
        StreamWeights weights = Text(entry, "weights", where) switch
        {
            null or "float32" => StreamWeights.Float32,
            "bf16" => StreamWeights.BFloat16,
            "int8" => StreamWeights.Int8,
            string other => throw new InputException($"{where}: field 'weights' is '{other}'; expected float32, bf16 or int8."),
        };
        var shape = new BenchShape(name, cell, Whole(entry, "batch", where), Whole(entry, "steps", where), Whole(entry, "inputs", where),
            Whole(entry, "units", where), Whole(entry, "layers", where), Truth(entry, "bidirectional", where), lengths is not null, weights);
        if (weights != StreamWeights.Float32 && !shape.IsStream)
            throw new InputException($"{where}: field 'weights' is for a stream; expected batch 1, steps 1 and one direction beside it, or no such field.");
        return shape;
    }

    private static string? Text(JsonObject entry, string field, string where) => entry[field] switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out string? text) => text,
        JsonNode other => throw new InputException($"{where}: field '{field}' is {other.ToJsonString()}; expected text in quotes."),
    };

    private static int Whole(JsonObject entry, string field, string where) => entry[field] switch
    {
        JsonValue value when value.TryGetValue(out int number) && number is >= 1 and <= 1_000_000 => number,
        JsonNode other => throw new InputException($"{where}: field '{field}' is {other.ToJsonString()}; expected a whole number from 1 to 1,000,000."),
        null => throw new InputException($"{where}: field '{field}' is missing; expected a whole number of at least 1."),
    };

    private static bool Truth(JsonObject entry, string field, string where) => entry[field] switch
    {
        null => false,
        JsonValue value when value.TryGetValue(out bool truth) => truth,
        JsonNode other => throw new InputException($"{where}: field '{field}' is {other.ToJsonString()}; expected true or false."),
    };
}

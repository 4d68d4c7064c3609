using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Tasks;

namespace Unroll.Cli.Comparison;

/// <summary>The results of a comparison in a file, a line of JSON each, so that a stopped one goes on behind them.</summary>
internal static class ComparisonLines
{
    /// <summary>Adds a result to the file.</summary>
    public static void Append(string path, ComparisonResult result) => File.AppendAllText(path, ToJson(result).ToJsonString() + "\n");

    /// <summary>The results in the file; none where there is no file. A last line that was cut off is passed over.</summary>
    /// <exception cref="InputException">A line that is no result.</exception>
    public static IReadOnlyList<ComparisonResult> Read(string path)
    {
        if (!File.Exists(path)) return [];
        string text = File.ReadAllText(path);
        string[] lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // What was cut off must not stand before the next result.
        if (!text.EndsWith('\n')) File.WriteAllText(path, text[..(text.LastIndexOf('\n') + 1)]);
        return [.. lines.Select((line, i) => FromJson(line, path, i + 1))];
    }

    private static JsonObject ToJson(ComparisonResult result) => new()
    {
        ["model"] = result.Model,
        ["parameters"] = result.Parameters,
        ["learning_rate"] = float.IsFinite(result.LearningRate) ? JsonValue.Create(result.LearningRate) : null,
        ["validation_losses"] = Numbers(result.ValidationLosses),
        ["qualities"] = Numbers(result.Qualities),
        ["best_epoch"] = result.BestEpoch,
        ["training_seconds"] = result.TrainingSeconds,
        ["training_bytes"] = result.TrainingBytes,
        ["inference_bytes"] = result.InferenceBytes,
        ["latency_milliseconds"] = result.LatencyMilliseconds,
    };

    private static ComparisonResult FromJson(string line, string path, int number)
    {
        try
        {
            JsonNode json = JsonNode.Parse(line)!;
            return new ComparisonResult(json["model"]!.GetValue<string>(), json["parameters"]!.GetValue<long>(), (float)Double(json["learning_rate"]), Doubles(json["validation_losses"]!),
                Doubles(json["qualities"]!), json["best_epoch"]!.GetValue<int>(), json["training_seconds"]!.GetValue<double>(), json["training_bytes"]!.GetValue<long>(),
                json["inference_bytes"]!.GetValue<long>(), json["latency_milliseconds"]!.GetValue<double>());
        }
        catch (Exception cause) when (cause is JsonException or NullReferenceException or InvalidOperationException or FormatException)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{path}, line {number}: expected the result of a network, found something else. Compare without --resume."), cause);
        }
    }

    /// <summary>JSON has no NaN: null stands for it.</summary>
    private static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    private static JsonArray Numbers(IEnumerable<double> values) => new([.. values.Select(Number)]);

    private static double Double(JsonNode? node) => node?.GetValue<double>() ?? double.NaN;

    private static double[] Doubles(JsonNode list) => [.. list.AsArray().Select(Double)];
}

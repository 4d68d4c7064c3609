using System.Text.Json.Nodes;

namespace Unroll.Metrics;

/// <summary>Metrics as a model's file keeps them: a name, and the settings that <see cref="Metric.Settings"/> gives.</summary>
internal static class MetricSettings
{
    public const string Accuracy = "accuracy", BinaryAccuracy = "binary_accuracy", TopK = "top_k", Confusion = "confusion",
        Perplexity = "perplexity", Regression = "regression";

    /// <summary>The metric of a name and settings.</summary>
    /// <exception cref="InvalidDataException">A setting is missing, of the wrong kind or unknown.</exception>
    /// <exception cref="ArgumentException">A setting out of range.</exception>
    public static Metric Make(string name, JsonObject settings)
    {
        string kind = Value<string>("kind", "a text");
        return kind switch
        {
            Accuracy => new AccuracyMetric(name, FromLogits(), IgnoredTarget()),
            BinaryAccuracy => new BinaryAccuracyMetric(name, FromLogits(), IgnoredTarget()),
            Perplexity => new PerplexityMetric(name, FromLogits(), IgnoredTarget()),
            TopK => new TopKMetric(name, Value<int>("k", "a whole number"), IgnoredTarget()),
            Confusion => new ConfusionMetric(name, Choice<ConfusionScore>("score"), Choice<Averaging>("averaging"), FromLogits(), IgnoredTarget()),
            Regression => new RegressionMetric(name, Choice<RegressionError>("error"), Value<double>("divisor", "a number")),
            _ => throw new InvalidDataException($"Metric '{name}': its kind '{kind}' is not known."),
        };

        bool FromLogits() => Value<bool>("from_logits", "true or false");

        int IgnoredTarget() => Value<int>("ignored_target", "a whole number");

        T Value<T>(string setting, string expected) => settings[setting] is JsonValue value && value.TryGetValue(out T? read) ? read
            : throw new InvalidDataException($"Metric '{name}': expected {expected} as setting '{setting}', found {settings[setting]?.ToJsonString() ?? "none"}.");

        T Choice<T>(string setting) where T : struct, Enum => Enum.TryParse(Value<string>(setting, "a text"), out T choice) && Enum.IsDefined(choice) ? choice
            : throw new InvalidDataException($"Metric '{name}': expected one of {string.Join(", ", Enum.GetNames<T>())} as setting '{setting}', found {settings[setting]!.ToJsonString()}.");
    }
}

using System.Text.Json.Nodes;

namespace Unroll.Losses;

/// <summary>Losses as a model's file keeps them: a name, and the settings that <see cref="Loss.Settings"/> gives.</summary>
internal static class LossSettings
{
    /// <summary>The loss of a name and settings.</summary>
    /// <exception cref="InvalidDataException">A setting is missing or of the wrong kind.</exception>
    /// <exception cref="ArgumentException">An unknown name, or a setting out of range.</exception>
    public static Loss Make(string name, JsonObject settings) => name switch
    {
        "huber" => Loss.Huber(Value<float>(name, settings, "delta")),
        "quantile" => Loss.Quantile(Numbers(name, settings, "quantiles") ?? []),
        "categorical_crossentropy" => Loss.CategoricalCrossEntropy(Value<float>(name, settings, "label_smoothing"), Numbers(name, settings, "class_weights")),
        "binary_crossentropy" => Loss.BinaryCrossEntropy(Value<float>(name, settings, "label_smoothing"), Numbers(name, settings, "class_weights")),
        "sparse_categorical_crossentropy" => Loss.SparseCategoricalCrossEntropy(
            Value<int>(name, settings, "ignored_target"), Value<float>(name, settings, "label_smoothing"), Numbers(name, settings, "class_weights")),
        "ctc" => Loss.Ctc(Value<int>(name, settings, "blank"), Value<bool>(name, settings, "zero_infinity")),
        _ => Loss.FromName(name),
    };

    /// <summary>Numbers as a JSON list.</summary>
    public static JsonArray List(ReadOnlySpan<float> numbers)
    {
        var list = new JsonArray();
        foreach (float number in numbers) list.Add((JsonNode)JsonValue.Create(number));
        return list;
    }

    private static T Value<T>(string loss, JsonObject settings, string name) =>
        settings[name] is JsonValue value && value.TryGetValue(out T? read) ? read
            : throw new InvalidDataException($"Loss '{loss}': expected {(typeof(T) == typeof(bool) ? "true or false" : "a number")} as setting '{name}', found {settings[name]?.ToJsonString() ?? "none"}.");

    private static float[]? Numbers(string loss, JsonObject settings, string name)
    {
        if (settings[name] is null) return null;
        if (settings[name] is not JsonArray list) throw new InvalidDataException($"Loss '{loss}': expected a list of numbers as setting '{name}', found {settings[name]!.ToJsonString()}.");
        var numbers = new float[list.Count];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = list[i] is JsonValue value && value.TryGetValue(out float number) ? number
                : throw new InvalidDataException($"Loss '{loss}': expected numbers in the setting '{name}', found {list[i]?.ToJsonString() ?? "null"}.");
        return numbers;
    }
}

using System.Text.Json.Nodes;
using Unroll.Losses;
using Unroll.Metrics;

namespace Unroll.Models;

/// <summary>
/// What a model was compiled with, as JSON: the optimiser's name and rates; "outputs" with loss, weight and metrics. A loss or
/// metric of a user's own has a name alone, which a file cannot make.
/// </summary>
internal static class CompileDescription
{
    public static JsonObject Of(CompileSettings compiled)
    {
        var outputs = new JsonArray();
        foreach (OutputSettings output in compiled.Outputs)
        {
            var metrics = new JsonArray();
            foreach (Metric metric in output.Metrics) metrics.Add((JsonNode)Described(metric.Name, metric.Settings));
            outputs.Add((JsonNode)new JsonObject { ["loss"] = Described(output.Loss.Name, output.Loss.Settings), ["weight"] = output.Weight, ["metrics"] = metrics });
        }
        var description = new JsonObject { ["outputs"] = outputs };
        if (compiled.Optimizer is { } optimizer)
            description["optimizer"] = new JsonObject { ["name"] = optimizer.Name, ["learning_rate"] = optimizer.LearningRate, ["weight_decay"] = optimizer.WeightDecay };
        return description;
    }

    /// <summary>Losses and metrics with their settings, so that a loaded model can be evaluated; none where one is a user's own.</summary>
    public static CompileSettings? Read(JsonObject description, Network model)
    {
        JsonArray entries = NetworkDescription.Require(description, "outputs").AsArray();
        if (entries.Count != model.OutputCount) throw new InvalidDataException($"expected the losses of {model.OutputCount} outputs, found {entries.Count}");
        var outputs = new List<OutputSettings>();
        foreach (JsonNode? entry in entries)
        {
            JsonObject output = (entry ?? throw new InvalidDataException("an output is null")).AsObject();
            (string lossName, JsonObject? lossSettings) = NameAndSettings(NetworkDescription.Require(output, "loss"));
            if (lossSettings is null) return null;
            var metrics = new List<Metric>();
            foreach (JsonNode? metric in NetworkDescription.Require(output, "metrics").AsArray())
            {
                (string name, JsonObject? settings) = NameAndSettings(metric ?? throw new InvalidDataException("a metric is null"));
                if (settings is null) return null;
                metrics.Add(MetricSettings.Make(name, settings));
            }
            outputs.Add(new OutputSettings(LossSettings.Make(lossName, lossSettings), metrics) { Weight = NetworkDescription.Require(output, "weight").GetValue<float>() });
        }
        return new CompileSettings(null, outputs);
    }

    private static JsonObject Described(string name, JsonObject? settings)
    {
        var description = new JsonObject { ["name"] = name };
        if (settings is not null) description["settings"] = settings;
        return description;
    }

    private static (string Name, JsonObject? Settings) NameAndSettings(JsonNode entry)
    {
        JsonObject description = entry.AsObject();
        return (NetworkDescription.Require(description, "name").GetValue<string>(), description["settings"]?.AsObject());
    }
}

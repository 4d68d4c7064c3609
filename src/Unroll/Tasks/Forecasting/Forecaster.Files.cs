using System.Text.Json.Nodes;
using Unroll.Files;
using Unroll.Models;

namespace Unroll.Tasks;

public sealed partial class Forecaster
{
    private const string Section = "forecaster";

    /// <summary>
    /// Writes network, scalers and choices to one safetensors file, which any tool can read and
    /// <see cref="Sequential.Load"/> too. Equal training gives equal bytes.
    /// </summary>
    /// <exception cref="IOException">The file cannot be written; the message has the path and the reason.</exception>
    public void Save(string path)
    {
        Model.Extras[Section] = new JsonObject
        {
            ["plan"] = _plan.ToJson(),
            ["quantiles"] = Numbers(_levels),
            ["offsets"] = new JsonArray([.. _offsets.Select(row => (JsonNode)Numbers(row))]),
        };
        Model.Save(path);
    }

    /// <summary>Reads a forecaster that <see cref="Save"/> wrote; it gives the same forecasts.</summary>
    /// <exception cref="ModelFileException">No such file, no model in it, or one that is no forecaster.</exception>
    public static Forecaster Load(string path)
    {
        Sequential model = Sequential.Load(path);
        if (model.Extras[Section] is not JsonObject section)
            throw new ModelFileException($"'{path}': expected a forecaster, found a model without a section '{Section}'. Read it with Sequential.Load, or train a forecaster.");
        try
        {
            ForecastPlan plan = ForecastPlan.FromJson(section["plan"] as JsonObject ?? throw new InvalidDataException("the field 'plan' is absent"));
            double[] levels = Read(JsonFields.Array(section, "quantiles"));
            double[][] offsets = [.. JsonFields.Array(section, "offsets").Select(row => Read(row as JsonArray ?? throw new InvalidDataException("a row of 'offsets' is no list")))];
            if (offsets.Length != plan.Horizon || offsets.Any(row => row.Length != levels.Length))
                throw new InvalidDataException($"expected {plan.Horizon} rows of {levels.Length} offsets");
            if (model.InputShape is not { Rank: 3 } shape || shape[1] != plan.Steps || shape[2] != plan.Features || model.OutputShape!.Value[-1] != plan.Horizon)
                throw new InvalidDataException($"expected a network from [?, {plan.Steps}, {plan.Features}] to [?, {plan.Horizon}], found one from {model.InputShape} to {model.OutputShape}");
            return new Forecaster(model, plan, levels, offsets);
        }
        catch (Exception cause) when (cause is InvalidDataException or ArgumentException or FormatException or InvalidOperationException)
        {
            throw new ModelFileException($"'{path}': its description of the forecaster cannot be used: {cause.Message}", cause);
        }
    }

    private static JsonArray Numbers(double[] values) => new([.. values.Select(value => (JsonNode)JsonValue.Create(value))]);

    private static double[] Read(JsonArray values) =>
        [.. values.Select(value => value is JsonValue number && number.TryGetValue(out double result) ? result : throw new InvalidDataException("expected a number"))];
}

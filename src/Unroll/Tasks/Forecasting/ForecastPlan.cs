using System.Text.Json.Nodes;
using Unroll.Data;
using Unroll.Metrics;

namespace Unroll.Tasks;

/// <summary>Everything that turns a series into the network's inputs and its outputs into forecasts. In the model's file.</summary>
internal sealed record ForecastPlan
{
    public required int InputLength { get; init; }

    public required int Horizon { get; init; }

    public required int Season { get; init; }

    public required bool Logarithm { get; init; }

    public required ForecastLevel Level { get; init; }

    public required IReadOnlyList<string> Waves { get; init; }

    public double Penalty { get; init; }

    /// <summary>Of the target, after the logarithm.</summary>
    public required Scaler Target { get; init; }

    public required IReadOnlyList<Scaler> Covariates { get; init; }

    public required IReadOnlyList<string> CovariateNames { get; init; }

    public required IReadOnlyList<bool> Known { get; init; }

    /// <summary>F: the target, the covariates, the waves' columns.</summary>
    public int Features => 1 + Covariates.Count + CalendarWaves.Columns(Waves);

    /// <summary>Whether rows behind the origin are read: those of the horizon, with what is known of them.</summary>
    public bool ReadsFuture => Waves.Count > 0 || Known.Contains(true);

    /// <summary>T: the input rows, then the horizon's where something of them is known.</summary>
    public int Steps => InputLength + (ReadsFuture ? Horizon : 0);

    /// <summary>The target as the scaler wants it.</summary>
    public double ToScaled(float value) => ((Logarithm ? DoubleElementary.Log(value) : value) - Target.Offset) / Target.Scale;

    /// <summary>Back to the series' unit.</summary>
    public float FromScaled(double scaled)
    {
        double value = scaled * Target.Scale + Target.Offset;
        return (float)(Logarithm ? DoubleElementary.Exp(value) : value);
    }

    public JsonObject ToJson()
    {
        var covariates = new JsonArray();
        for (int c = 0; c < Covariates.Count; c++)
            covariates.Add((JsonNode)new JsonObject { ["name"] = CovariateNames[c], ["known_in_future"] = Known[c], ["scaler"] = Covariates[c].ToJson() });
        return new JsonObject
        {
            ["input_length"] = InputLength,
            ["horizon"] = Horizon,
            ["season"] = Season,
            ["logarithm"] = Logarithm,
            ["level"] = Level.ToString(),
            ["waves"] = new JsonArray([.. Waves.Select(name => (JsonNode)JsonValue.Create(name))]),
            ["penalty"] = Penalty,
            ["target"] = Target.ToJson(),
            ["covariates"] = covariates,
        };
    }

    /// <exception cref="InvalidDataException">A field that is absent or of another type.</exception>
    public static ForecastPlan FromJson(JsonObject json)
    {
        var covariates = JsonFields.Array(json, "covariates").Select(node => node as JsonObject
            ?? throw new InvalidDataException("an entry of 'covariates' is no object")).ToList();
        var plan = new ForecastPlan
        {
            InputLength = JsonFields.Value<int>(json, "input_length"),
            Horizon = JsonFields.Value<int>(json, "horizon"),
            Season = JsonFields.Value<int>(json, "season"),
            Logarithm = JsonFields.Value<bool>(json, "logarithm"),
            Level = Enum.TryParse(JsonFields.Value<string>(json, "level"), out ForecastLevel level) ? level : throw new InvalidDataException("'level' is not known"),
            Waves = [.. JsonFields.Array(json, "waves").Select(node => node!.GetValue<string>())],
            Penalty = JsonFields.Value<double>(json, "penalty"),
            Target = Scaler.FromJson(json["target"]),
            Covariates = [.. covariates.Select(entry => Scaler.FromJson(entry["scaler"]))],
            CovariateNames = [.. covariates.Select(entry => JsonFields.Value<string>(entry, "name"))],
            Known = [.. covariates.Select(entry => JsonFields.Value<bool>(entry, "known_in_future"))],
        };
        return plan is { InputLength: >= 1, Horizon: >= 1, Season: >= 1 } ? plan : throw new InvalidDataException("a length is below 1");
    }

    /// <summary>Refuses a series of other columns than those trained on.</summary>
    public void RequireFits(TimeSeries series, bool future)
    {
        bool same = series.Covariates.Count == CovariateNames.Count;
        for (int c = 0; same && c < CovariateNames.Count; c++)
            same = series.Covariates[c].Name == CovariateNames[c] && series.Covariates[c].KnownInFuture == Known[c];
        if (!same)
        {
            throw new ArgumentException($"Series '{series.Name}': expected the columns trained with, {Names(CovariateNames, Known)}, found "
                + $"{Names([.. series.Covariates.Select(c => c.Name)], [.. series.Covariates.Select(c => c.KnownInFuture)])}.", nameof(series));
        }
        if (series.Count < InputLength)
            throw new ArgumentException($"Series '{series.Name}': the forecaster reads the last {InputLength} rows, the series has {series.Count}. Give a longer series.", nameof(series));
        foreach (Covariate covariate in series.Covariates)
        {
            if (future && covariate.KnownInFuture && covariate.Values.Length < series.Count + Horizon)
            {
                throw new ArgumentException($"Series '{series.Name}': column '{covariate.Name}' is known in future and has {covariate.Values.Length - series.Count} rows behind the series' end; "
                    + $"a forecast of {Horizon} rows needs as many.", nameof(series));
            }
        }
    }

    private static string Names(IReadOnlyList<string> names, IReadOnlyList<bool> known) =>
        names.Count == 0 ? "none" : string.Join(", ", names.Select((name, c) => $"'{name}'" + (known[c] ? " (known in future)" : "")));
}

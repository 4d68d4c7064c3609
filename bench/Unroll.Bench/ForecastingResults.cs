using System.Diagnostics;
using System.Globalization;
using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Bench;

/// <summary>The table of docs/results.md, section Forecasting: the same options for every data set but horizon and split.</summary>
internal static class ForecastingResults
{
    internal sealed record Case(string Name, TimeSeries Series, int TestFrom, ForecastOptions Options, bool Squared, string Published);

    public static void Run(BenchArguments arguments)
    {
        foreach (Case one in Cases(arguments.Data).Where(one => arguments.Wants(one.Name))) Run(one, arguments);
    }

    internal static IEnumerable<Case> Cases(string data)
    {
        string univariate = Path.Combine(data, "univariate");
        var oneStep = new ForecastOptions { Horizon = 1 };
        yield return new Case("airline", ForecastingData.Read(Path.Combine(univariate, "airline-passengers.csv"), "Passengers", "yyyy-MM"),
            96, oneStep, false, "LSTM 47.53");
        TimeSeries sunspots = ForecastingData.Read(Path.Combine(univariate, "monthly-sunspots.csv"), "Sunspots", "yyyy-MM");
        yield return new Case("sunspots", sunspots, sunspots.Count - 931, oneStep, false, "none");
        TimeSeries temperatures = ForecastingData.Read(Path.Combine(univariate, "daily-min-temperatures.csv"), "Temp", "yyyy-MM-dd");
        yield return new Case("temperatures", temperatures, temperatures.Count - 1205, oneStep, false, "none");

        // Informer's protocol: 8,640 rows to train, 2,880 to validate, 2,880 to test; standardised by the training rows;
        // the validation rows choose and are not trained on.
        TimeSeries oil = ForecastingData.Read(Path.Combine(data, "ett", "ETTh1.csv.gz"), "OT", "yyyy-MM-dd HH:mm:ss", 14400);
        oil = oil.Transform(StandardScaler.Fit(oil.Values[..8640]));
        yield return new Case("etth1", oil, 11520, new ForecastOptions { Horizon = 24, ValidationFraction = 0.25, RefitOnAll = false }, true, "LSTMa 0.114");
    }

    private static void Run(Case one, BenchArguments arguments)
    {
        var scores = new List<ForecastEvaluation>();
        string error = one.Squared ? "MSE" : "RMSE";
        foreach (int seed in arguments.SeedNumbers)
        {
            var watch = Stopwatch.StartNew();
            (Forecaster forecaster, ForecastEvaluation evaluation) = Train(one, seed);
            scores.Add(evaluation);
            if (seed == arguments.First)
            {
                Console.WriteLine($"{one.Name}: {one.TestFrom} rows to train and validate, {evaluation.Windows} forecasts of {evaluation.Horizon} to test; "
                    + $"chosen on validation: input length {forecaster.InputLength}, season {forecaster.Season}, logarithm {forecaster.Logarithm}, level {forecaster.Level}, "
                    + $"waves {(forecaster.Waves.Count == 0 ? "none" : string.Join("+", forecaster.Waves))}, penalty {forecaster.Penalty.ToString(CultureInfo.InvariantCulture)}");
            }
            Console.WriteLine($"  seed {seed}: network {error} {Number(Of(evaluation.Network, one))}, best epoch {forecaster.BestEpoch} of {forecaster.History!.Epochs.Count}, "
                + $"at or below the quantiles {string.Join(" ", evaluation.Levels.Select((level, q) => $"{level.ToString(CultureInfo.InvariantCulture)}: {evaluation.Coverage[q].ToString("0.000", CultureInfo.InvariantCulture)}"))}, {watch.Elapsed.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s");
        }
        Console.WriteLine($"  network, mean of {arguments.Seeds} seeds: {error} {Number(scores.Average(score => Of(score.Network, one)))}");
        foreach (ForecastScore score in scores[0].Scores.Skip(1))
            Console.WriteLine($"  {score.Name}: {error} {Number(Of(score, one))}");
        Console.WriteLine($"  published: {one.Published}");
    }

    internal static (Forecaster Forecaster, ForecastEvaluation Evaluation) Train(Case one, int seed)
    {
        Forecaster forecaster = Forecaster.Train(one.Series.Slice(0, one.TestFrom), one.Options with { Seed = (ulong)seed });
        return (forecaster, forecaster.Evaluate(one.Series, one.TestFrom));
    }

    private static double Of(ForecastScore score, Case one) => one.Squared ? score.MeanSquaredError : score.RootMeanSquaredError;

    private static string Number(double value) => value.ToString(value < 1 ? "0.00000" : "0.000", CultureInfo.InvariantCulture);
}

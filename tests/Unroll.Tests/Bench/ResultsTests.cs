using System.Globalization;
using Unroll.Bench;
using Unroll.Data;
using Unroll.Tasks;
using Unroll.Tests.Architecture;
using Unroll.Tests.Support;

namespace Unroll.Tests.Bench;

/// <summary>The quick rows of docs/results.md, made again.</summary>
public class ResultsTests
{
    private const string Airline = "univariate/airline-passengers.csv", Sunspots = "univariate/monthly-sunspots.csv",
        Temperatures = "univariate/daily-min-temperatures.csv", Oil = "ett/ETTh1.csv.gz";
    private const string VowelsTrain = "ts_classification/JapaneseVowels/JapaneseVowels_TRAIN.ts", VowelsTest = "ts_classification/JapaneseVowels/JapaneseVowels_TEST.ts";
    private const string PowerTrain = "ts_classification/ItalyPowerDemand/ItalyPowerDemand_TRAIN.ts", PowerTest = "ts_classification/ItalyPowerDemand/ItalyPowerDemand_TEST.ts";

    [SharedDataFact(Airline)]
    public void Airline_passengers_are_forecast_with_the_errors_of_the_results()
    {
        ForecastingResults.Case airline = Case("airline");
        ForecastEvaluation[] evaluations = [.. Enumerable.Range(1, 5).Select(seed => ForecastingResults.Train(airline, seed).Evaluation)];
        double mean = evaluations.Average(evaluation => evaluation.Network.RootMeanSquaredError);
        Assert.InRange(mean, 10, 16);
        Assert.Equal(48, evaluations[0].Windows);
        Assert.Equal(48.041, evaluations[0].Scores[3].RootMeanSquaredError, 1e-3); // persistence and last year as the data's notes have them
        Assert.Equal(41.854, evaluations[0].Scores[2].RootMeanSquaredError, 1e-3);
        RequireInResults(string.Create(CultureInfo.InvariantCulture, $"| {mean:0.000} | {string.Join(" ", evaluations.Select(evaluation => evaluation.Network.RootMeanSquaredError.ToString("0.000", CultureInfo.InvariantCulture)))} | {evaluations[0].Ridge.RootMeanSquaredError:0.000} |"));
    }

    [SharedDataFact(Airline, Sunspots, Temperatures, Oil)]
    public void The_splits_are_the_protocols()
    {
        Assert.Equal([(96, 144), (1889, 2820), (2445, 3650), (11520, 14400)],
            ForecastingResults.Cases(SharedFolder()).Select(one => (one.TestFrom, one.Series.Count)));
        TimeSeries oil = Case("etth1").Series;
        Assert.Equal(0, oil.Values[..8640].ToArray().Average(value => (double)value), 1e-5);
        Assert.Equal(1, oil.Values[..8640].ToArray().Average(value => (double)value * value), 1e-5);
    }

    [SharedDataFact(VowelsTrain, VowelsTest, PowerTrain, PowerTest)]
    public void The_textbooks_program_reaches_the_accuracies_of_the_results()
    {
        foreach ((string name, double least) in (ReadOnlySpan<(string, double)>)[("JapaneseVowels", 0.8), ("ItalyPowerDemand", 0.9)])
        {
            (Dataset train, Dataset test, int classes) = TextbookResults.Read(SharedFolder(), name);
            double[] accuracies = [.. Enumerable.Range(1, 5).Select(seed => TextbookResults.Accuracy(train, test, classes, (ulong)seed))];
            Assert.InRange(accuracies.Average(), least, 1);
            RequireInResults($"| {TextbookResults.Percent(accuracies.Average())} | {string.Join(" ", accuracies.Select(TextbookResults.Percent))} |");
        }
    }

    [SharedDataFact(VowelsTrain)]
    public void Sequences_of_unequal_length_keep_their_lengths_channels_and_labels()
    {
        var (inputs, targets, classes) = ClassificationData.Read(SharedData.PathOf(VowelsTrain));
        Assert.Equal(["1", "2", "3", "4", "5", "6", "7", "8", "9"], classes);
        Assert.Equal(new Unroll.Basics.Shape(270, 26, 12), inputs.Shape);
        Assert.Equal(7, inputs.Lengths.ToArray().Min());
        Assert.Equal(20, inputs.Lengths[0]);
        float[] values = inputs.ToArray();
        Assert.Equal(1.860936f, values[0]);
        Assert.Equal(-0.207383f, values[1]);
        Assert.Equal(1.891651f, values[12]);
        Assert.Equal([1f, 0, 0], targets.ToArray()[..3]);
        Assert.Equal(270, targets.ToArray().Sum());
    }

    private static ForecastingResults.Case Case(string name) => ForecastingResults.Cases(SharedFolder()).First(one => one.Name == name);

    private static string SharedFolder() => Path.GetDirectoryName(Path.GetDirectoryName(SharedData.PathOf(Airline)))!;

    private static void RequireInResults(string row) =>
        Assert.Contains(row, File.ReadAllText(Path.Combine(Repository.Root, "docs", "results.md")), StringComparison.Ordinal);
}

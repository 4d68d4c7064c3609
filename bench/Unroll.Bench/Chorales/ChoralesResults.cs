using System.Globalization;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Optimizers;
using Unroll.Training;

namespace Unroll.Bench.Chorales;

/// <summary>
/// Bach's chorales with models of 20,000 parameters as in Chung et al. 2014: docs/results.md, section Chorales. Learning rate and
/// regularisation are chosen by the validation pieces with seed 1; the test pieces are read once a seed.
/// </summary>
internal static class ChoralesResults
{
    private const int Epochs = 400, Patience = 30, BatchSize = 16;

    private static readonly (string Cell, int Units, double Published)[] s_models = [("SimpleRnn", 100, 9.10), ("Gru", 46, 8.54), ("Lstm", 36, 8.67)];
    private static readonly float[] s_rates = [1e-3f, 3e-3f, 1e-2f];

    private static readonly Regularised[] s_regularised =
    [
        new("nothing"), new("dropout 0.2") { Dropout = 0.2f }, new("recurrent dropout 0.1") { RecurrentDropout = 0.1f }, new("recurrent dropout 0.25") { RecurrentDropout = 0.25f },
        new("zoneout 0.1") { Zoneout = 0.1f }, new("zoneout 0.25") { Zoneout = 0.25f }, new("dropout 0.2, recurrent dropout 0.1") { Dropout = 0.2f, RecurrentDropout = 0.1f },
        new("weight drop 0.1") { WeightDrop = 0.1f }, new("weight drop 0.2") { WeightDrop = 0.2f }, new("weight drop 0.3") { WeightDrop = 0.3f }, new("weight drop 0.5") { WeightDrop = 0.5f },
        new("weight drop 0.2, recurrent dropout 0.1") { WeightDrop = 0.2f, RecurrentDropout = 0.1f }, new("weight drop 0.3, recurrent dropout 0.2") { WeightDrop = 0.3f, RecurrentDropout = 0.2f },
        new("weight drop 0.2, dropout 0.1") { WeightDrop = 0.2f, Dropout = 0.1f },
    ];

    public static void Run(BenchArguments arguments)
    {
        string path = Path.Combine(arguments.Data, "jsb_chorales", "jsb_chorales_quarter.json");
        Dataset train = ChoralesData.Read(path, "train"), validation = ChoralesData.Read(path, "valid"), test = ChoralesData.Read(path, "test");
        Console.WriteLine("| layer | parameters | learning rate | regularised by | validation, mean | test, mean | by seed | published |\n|---|---|---|---|---|---|---|---|");
        foreach ((string cell, int units, double published) in s_models.Where(model => arguments.Wants(model.Cell)))
        {
            (float Rate, Regularised By)[] tried = [.. s_rates.SelectMany(rate => s_regularised.Select(by => (rate, by)))];
            Tried[] results = SideBySide.Run(tried, one => new Tried(cell, one.Rate, one.By, Train(cell, units, one.Rate, one.By, 1, train, validation).Loss));
            (_, float rate, Regularised by, _) = results.MinBy(one => one.Loss)!;
            int[] seeds = [.. arguments.SeedNumbers];
            (double Validation, double Test, long Parameters)[] tested = SideBySide.Run(seeds, seed =>
            {
                (Sequential model, double loss) = Train(cell, units, rate, by, (ulong)seed, train, validation);
                return (loss, ChoralesData.Keys * model.Evaluate(test).Loss, model.CountParameters());
            });
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {cell}({units}) | {tested[0].Parameters:#,0} | {rate} | {by.Name} | {tested.Average(r => r.Validation):0.000} | {tested.Average(r => r.Test):0.000} | {string.Join(" ", tested.Select(r => r.Test.ToString("0.000", CultureInfo.InvariantCulture)))} | {published:0.00} |"));
        }
    }

    /// <summary>Trains until the validation loss stops falling, and gives its best weights and that loss: nats a step, summed over the keys.</summary>
    private static (Sequential Model, double Loss) Train(string cell, int units, float rate, Regularised by, ulong seed, Dataset train, Dataset validation)
    {
        var model = new Sequential(new Shape(-1, -1, ChoralesData.Keys), seed)
        {
            cell switch
            {
                "SimpleRnn" => new SimpleRnn(units, returnSequences: true) { RecurrentDropout = by.RecurrentDropout, Zoneout = by.Zoneout, WeightDrop = by.WeightDrop },
                "Gru" => new Gru(units, returnSequences: true) { RecurrentDropout = by.RecurrentDropout, Zoneout = by.Zoneout, WeightDrop = by.WeightDrop },
                _ => new Lstm(units, returnSequences: true) { RecurrentDropout = by.RecurrentDropout, Zoneout = by.Zoneout, CellZoneout = by.Zoneout, WeightDrop = by.WeightDrop },
            },
            new Dropout(by.Dropout),
            new Dense(ChoralesData.Keys, Activation.Sigmoid),
        };
        model.Compile(new Adam(rate), Loss.BinaryCrossEntropy());
        var stop = new EarlyStopping("val_loss", Patience, restoreBestWeights: true);
        History history = model.Fit(train, Epochs, BatchSize, validation, seed: seed, callbacks: [stop, new ReduceLearningRateOnPlateau(options: new ReduceOnPlateauOptions { Factor = 0.5, Patience = 10, MinimumDelta = 0 })], options: new FitOptions { GlobalClipNorm = 1f });
        return (model, ChoralesData.Keys * history["val_loss"].Min());
    }

    /// <summary>A setting with its validation loss.</summary>
    private sealed record Tried(string Cell, float Rate, Regularised By, double Loss)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Cell}, rate {Rate}, {By.Name}: validation {Loss:0.000}");
    }

    /// <summary>One way to regularise; what is 0 is left out.</summary>
    private sealed record Regularised(string Name)
    {
        /// <summary>Of the layer's output.</summary>
        public float Dropout { get; init; }

        public float RecurrentDropout { get; init; }

        /// <summary>Of the hidden and the cell state.</summary>
        public float Zoneout { get; init; }

        public float WeightDrop { get; init; }
    }
}

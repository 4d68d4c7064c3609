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
/// dropout are chosen by the validation pieces with seed 1; the test pieces are read once a seed.
/// </summary>
internal static class ChoralesResults
{
    private const int Epochs = 400, Patience = 30, BatchSize = 16;

    private static readonly (string Cell, int Units, double Published)[] s_models = [("SimpleRnn", 100, 9.10), ("Gru", 46, 8.54), ("Lstm", 36, 8.67)];
    private static readonly float[] s_rates = [1e-3f, 3e-3f, 1e-2f], s_dropouts = [0f, 0.2f, 0.4f];

    public static void Run(BenchArguments arguments)
    {
        string path = Path.Combine(arguments.Data, "jsb_chorales", "jsb_chorales_quarter.json");
        Dataset train = ChoralesData.Read(path, "train"), validation = ChoralesData.Read(path, "valid"), test = ChoralesData.Read(path, "test");
        Console.WriteLine("| layer | parameters | learning rate | dropout | validation, mean | test, mean | by seed | published |\n|---|---|---|---|---|---|---|---|");
        foreach ((string cell, int units, double published) in s_models.Where(model => arguments.Wants(model.Cell)))
        {
            (double Loss, float Rate, float Dropout) best = (double.PositiveInfinity, 0, 0);
            foreach (float rate in s_rates)
            {
                foreach (float dropout in s_dropouts)
                {
                    (_, double loss) = Train(cell, units, rate, dropout, 1, train, validation);
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cell}, rate {rate}, dropout {dropout}: validation {loss:0.000}"));
                    if (loss < best.Loss) best = (loss, rate, dropout);
                }
            }
            var tests = new List<double>();
            var validations = new List<double>();
            long parameters = 0;
            foreach (int seed in arguments.SeedNumbers)
            {
                (Sequential model, double loss) = Train(cell, units, best.Rate, best.Dropout, (ulong)seed, train, validation);
                parameters = model.CountParameters();
                validations.Add(loss);
                tests.Add(ChoralesData.Keys * model.Evaluate(test).Loss);
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {cell}({units}) | {parameters:#,0} | {best.Rate} | {best.Dropout} | {validations.Average():0.000} | {tests.Average():0.000} | {string.Join(" ", tests.Select(t => t.ToString("0.000", CultureInfo.InvariantCulture)))} | {published:0.00} |"));
        }
    }

    /// <summary>Trains until the validation loss stops falling, and gives its best weights and that loss: nats a step, summed over the keys.</summary>
    private static (Sequential Model, double Loss) Train(string cell, int units, float rate, float dropout, ulong seed, Dataset train, Dataset validation)
    {
        var model = new Sequential(new Shape(-1, -1, ChoralesData.Keys), seed)
        {
            cell switch
            {
                "SimpleRnn" => new SimpleRnn(units, returnSequences: true),
                "Gru" => new Gru(units, returnSequences: true),
                _ => new Lstm(units, returnSequences: true),
            },
            new Dropout(dropout),
            new Dense(ChoralesData.Keys, Activation.Sigmoid),
        };
        model.Compile(new Adam(rate), Loss.BinaryCrossEntropy());
        var stop = new EarlyStopping("val_loss", Patience, restoreBestWeights: true);
        History history = model.Fit(train, Epochs, BatchSize, validation, seed: seed, callbacks: [stop], options: new FitOptions { GlobalClipNorm = 1f });
        return (model, ChoralesData.Keys * history["val_loss"].Min());
    }
}

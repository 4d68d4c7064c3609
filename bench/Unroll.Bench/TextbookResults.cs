using System.Globalization;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Training;

namespace Unroll.Bench;

/// <summary>The textbook's program on real sequences: docs/results.md, section The textbook's program.</summary>
internal static class TextbookResults
{
    public static void Run(BenchArguments arguments)
    {
        foreach (string name in (string[])["JapaneseVowels", "ItalyPowerDemand", "GunPoint", "ArrowHead"])
        {
            if (!arguments.Wants(name)) continue;
            (Dataset train, Dataset test, int classes) = Read(arguments.Data, name);
            var accuracies = new List<double>();
            foreach (int seed in arguments.SeedNumbers) accuracies.Add(Accuracy(train, test, classes, (ulong)seed));
            Console.WriteLine($"{name}: {train.Inputs.Shape} to train, {test.Inputs.Shape} to test, {classes} classes; accuracy "
                + $"{Percent(accuracies.Average())}, by seed {string.Join(" ", accuracies.Select(Percent))}");
        }
    }

    internal static (Dataset Train, Dataset Test, int Classes) Read(string data, string name)
    {
        string folder = Path.Combine(data, "ts_classification", name);
        var train = ClassificationData.Read(Path.Combine(folder, name + "_TRAIN.ts"));
        var test = ClassificationData.Read(Path.Combine(folder, name + "_TEST.ts"));
        return ((train.Inputs, train.Targets), (test.Inputs, test.Targets), train.Classes.Length);
    }

    internal static double Accuracy(Dataset train, Dataset test, int classes, ulong seed)
    {
        var model = new Sequential(seed) { new SimpleRnn(50, "tanh"), new Dense(classes, Activation.Softmax) };
        model.Compile("adam", "categorical_crossentropy", "accuracy");
        model.Fit(train, epochs: 25, batchSize: 64, validation: test, seed: seed);
        return model.Evaluate(test)["accuracy"];
    }

    internal static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);
}

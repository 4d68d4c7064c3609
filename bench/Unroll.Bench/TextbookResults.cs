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
            string folder = Path.Combine(arguments.Data, "ts_classification", name);
            var train = ClassificationData.Read(Path.Combine(folder, name + "_TRAIN.ts"));
            var test = ClassificationData.Read(Path.Combine(folder, name + "_TEST.ts"));
            var accuracies = new List<double>();
            for (int seed = 1; seed <= arguments.Seeds; seed++)
                accuracies.Add(Accuracy((train.Inputs, train.Targets), (test.Inputs, test.Targets), train.Classes.Length, (ulong)seed));
            Console.WriteLine($"{name}: {train.Inputs.Shape} to train, {test.Inputs.Shape} to test, {train.Classes.Length} classes; accuracy "
                + $"{Percent(accuracies.Average())}, by seed {string.Join(" ", accuracies.Select(Percent))}");
        }
    }

    private static double Accuracy(Dataset train, Dataset test, int classes, ulong seed)
    {
        var model = new Sequential(seed) { new SimpleRnn(50, "tanh"), new Dense(classes, Activation.Softmax) };
        model.Compile("adam", "categorical_crossentropy", "accuracy");
        model.Fit(train, epochs: 25, batchSize: 64, validation: test, seed: seed);
        return model.Evaluate(test)["accuracy"];
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);
}

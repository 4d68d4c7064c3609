using Unroll.Basics;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Sameness;
using Unroll.Tests.Support;
using Unroll.Training;
using static Unroll.Tests.Training.TrainingData;

namespace Unroll.Tests.Training;

/// <summary>Rates by layer, weights taken from another model, and the rate that a test suggests.</summary>
public sealed class FineTuningTests
{
    [Fact]
    public void A_layers_rate_is_a_multiple_of_the_optimisers_and_zero_leaves_it()
    {
        foreach (string name in Optimizer.Names)
        {
            var parameters = new Parameter[2];
            foreach ((float rate, float multiplier, int i) in new[] { (0.02f, 0.25f, 0), (0.005f, 1f, 1) })
            {
                parameters[i] = new Parameter("w", new Shape(3)) { RateMultiplier = multiplier };
                parameters[i].Set([1, -2, 0.5f]);
                Optimizer optimizer = Optimizer.FromName(name);
                optimizer.LearningRate = rate;
                for (int step = 0; step < 3; step++)
                {
                    TestGradients.Set(parameters[i], [0.3f, -0.1f * step, 2]);
                    optimizer.Step([parameters[i]]);
                }
                Assert.Equal(rate, optimizer.LearningRate);
            }
            Assert.Equal(parameters[1].ToArray(), parameters[0].ToArray());
        }
        Sequential model = Compiled();
        model.Layers[0].RateMultiplier = 0;
        model.Build(new Shape(-1, 4));
        float[] before = model.Parameters[0].ToArray(), head = model.Parameters[2].ToArray();
        model.Fit(Classes(16), 2, 8);
        Assert.Equal(before, model.Parameters[0].ToArray());
        Assert.NotEqual(head, model.Parameters[2].ToArray());
        Assert.Contains("at least 0, received -1", Assert.Throws<ArgumentOutOfRangeException>(() => model.Layers[0].RateMultiplier = -1).Message, StringComparison.Ordinal);
    }

    private static Sequential Tagger(int vocabulary, int classes, ulong seed, string head = "head") => new(seed)
    {
        new Embedding(vocabulary, 5, name: "words"), new Lstm(6, name: "reader"), new Dense(vocabulary, name: "next"), new Dense(classes, name: head),
    };

    [Fact]
    public void A_grown_vocabulary_keeps_old_rows_and_a_changed_head_begins_anew()
    {
        Sequential old = Tagger(10, 3, seed: 1), grown = Tagger(14, 5, seed: 2, head: "other"), fresh = Tagger(14, 5, seed: 2, head: "other");
        WeightTransfer transfer = WeightTransfer.Run(old, grown);
        Assert.Equal(["reader/kernel", "reader/recurrent_kernel", "reader/bias"], transfer.Copied);
        Assert.Equal(["words/embeddings", "next/kernel", "next/bias"], transfer.Grown);
        Assert.Equal(["other/kernel", "other/bias"], transfer.Left);
        Assert.Equal(old.Parameters[0].ToArray(), grown.Parameters[0].ToArray()[..50]);
        Assert.Equal(fresh.Parameters[0].ToArray()[50..], grown.Parameters[0].ToArray()[50..]);
        float[] was = old.Parameters[4].ToArray(), now = grown.Parameters[4].ToArray(), first = fresh.Parameters[4].ToArray();
        for (int row = 0; row < 6; row++)
            for (int column = 0; column < 14; column++)
                Assert.Equal(column < 10 ? was[row * 10 + column] : first[row * 14 + column], now[row * 14 + column]);
        Assert.Equal(old.Parameters[2].ToArray(), grown.Parameters[2].ToArray());
        Assert.Equal(fresh.Parameters[6].ToArray(), grown.Parameters[6].ToArray());
    }

    [Fact]
    public void Wider_gates_and_smaller_tables_are_left_and_strangers_refused()
    {
        var old = new Sequential { new Embedding(10, 5, name: "words"), new Gru(4, name: "reader") };
        var wider = new Sequential { new Embedding(8, 5, name: "words"), new Gru(6, name: "reader") { UseBias = false } };
        Assert.Contains("expected parameters of the same names", Assert.Throws<InvalidOperationException>(() => WeightTransfer.Run(old, wider)).Message, StringComparison.Ordinal);
        Assert.Contains("not built", Assert.Throws<InvalidOperationException>(() => WeightTransfer.Run(old, new Sequential { new Dense(2) })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_is_in_another_gives_and_takes_under_its_own_names()
    {
        Sequential alone = Encoder(1), inside = Encoder(2);
        _ = new Sequential(new Shape(-1, -1, 3)) { inside, new Dense(1) };
        Assert.Equal("encoder/reader/kernel", inside.Parameters[0].Name);
        Assert.Equal(["reader/kernel", "reader/recurrent_kernel", "reader/bias", "reader/recurrent_bias"], WeightTransfer.Run(inside, alone).Copied);
        for (int p = 0; p < 4; p++) Assert.Equal(inside.Parameters[p].ToArray(), alone.Parameters[p].ToArray());

        static Sequential Encoder(ulong seed) => new(new Shape(-1, -1, 3), seed, "encoder") { new Gru(4, name: "reader") };
    }

    [Fact]
    public void The_range_test_finds_where_the_loss_falls_and_leaves_everything_as_it_was()
    {
        Sequential model = Compiled(new Adam(0.01f), dropout: 0), untouched = Compiled(new Adam(0.01f), dropout: 0);
        Dataset data = Classes(64);
        model.Fit(data, 1, 8);
        untouched.Fit(data, 1, 8);
        LearningRateCurve curve = LearningRateFinder.Run(model, data, 1e-5, 100, steps: 80, batchSize: 16);
        Assert.Null(TrainedModels.FirstDifference(untouched, model));
        Assert.InRange(curve.Steepest, 1e-4, 1);
        Assert.Equal(1e-5, curve.Rates[0], 1e-12);
        double ratio = curve.Rates[1] / curve.Rates[0];
        for (int i = 1; i < curve.Rates.Count; i++) Assert.Equal(ratio, curve.Rates[i] / curve.Rates[i - 1], 1e-9);
        model.Fit(data, 2, 8, seed: 4);
        untouched.Fit(data, 2, 8, seed: 4);
        Assert.Null(TrainedModels.FirstDifference(untouched, model)); // the optimiser's state too
    }

    [Fact]
    public void The_steepest_rate_is_that_of_a_curve_by_hand()
    {
        var curve = new LearningRateCurve([1e-4, 1e-3, 1e-2, 1e-1, 1], [5, 4.9, 4, 2, 3]);
        Assert.Equal(1e-2, curve.Steepest);
        Assert.Contains("never fell", Assert.Throws<InvalidOperationException>(() => new LearningRateCurve([1, 2, 3], [1, 2, 3]).Steepest).Message, StringComparison.Ordinal);
        Assert.Contains("0 < minimum < maximum", Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateFinder.Run(Compiled(), Classes(8), 1, 0.1)).Message, StringComparison.Ordinal);
    }
}

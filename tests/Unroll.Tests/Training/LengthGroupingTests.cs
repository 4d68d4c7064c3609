using Unroll.Basics;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Sameness;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Fit with batches of like lengths against steps on batches put together by hand.</summary>
public sealed class LengthGroupingTests
{
    private const int Count = 22, BatchSize = 4;

    private static readonly int[] s_lengths = [.. Enumerable.Range(0, Count).Select(i => 1 + i * 7 % 11)];

    private static Dataset Data() => new(
        Tensor.FromArray(TrainingData.Distinct(Count * 11 * 2), Count, 11, 2).WithLengths(s_lengths),
        Tensor.FromArray(TrainingData.Distinct(Count, 2.1), Count, 1));

    private static Sequential Model()
    {
        var model = new Sequential(new Shape(-1, -1, 2), seed: 4) { new Lstm(5) { Dropout = 0.2f }, new Dense(1) };
        model.Compile(new Sgd(0.1f), Loss.MeanSquaredError());
        return model;
    }

    [Fact]
    public void Batches_are_sorted_by_length_and_drawn_as_wholes_with_the_smaller_one_last()
    {
        Sequential fitted = Model(), expected = Model();
        fitted.Fit(Data(), epochs: 2, BatchSize, seed: 6, options: new FitOptions { Grouping = LengthGrouping.SortWithinWindows });
        var step = new TrainingStep(expected, expected.Compiled!.Optimizer!, new BatchScore(expected, expected.Compiled, null), new BatchReader(Data()), new FitOptions(), stopAtNonFinite: false);
        for (int epoch = 0, number = 0; epoch < 2; epoch++)
        {
            int[] order = [.. Enumerable.Range(0, Count)];
            new RandomStream(6, "shuffle", epoch).Shuffle<int>(order);
            int[][] batches = [.. order.OrderByDescending(i => s_lengths[i]).Chunk(BatchSize)]; // a stable sort
            new RandomStream(6, "length_batches", epoch).Shuffle(batches.AsSpan(0, Count / BatchSize));
            Assert.Equal(Count % BatchSize, batches[^1].Length);
            foreach (int[] batch in batches) step.Run(batch, 6, number++, (1, 1));
        }
        Assert.Null(TrainedModels.FirstDifference(expected, fitted));
    }

    [Fact]
    public void Inputs_without_lengths_are_refused() => Assert.Contains("expected inputs with lengths", Assert.Throws<ArgumentException>(() =>
        TrainingData.Compiled().Fit(TrainingData.Classes(8), options: new FitOptions { Grouping = LengthGrouping.SortWithinWindows })).Message, StringComparison.Ordinal);
}

using Unroll.Basics;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Support;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>A batch in pieces against the batch whole, where pieces differ in length, weights and size.</summary>
[Collection(VectorWidthCollection.Name)]
public sealed class AccumulationTests
{
    private static (Sequential Model, History History) Trained(int pieces, Optimizer optimizer)
    {
        var model = new Sequential(seed: 3)
        {
            new Embedding(23, 7), new Gru(9, returnSequences: true) { KernelRegularizer = Regularizer.L2(0.01f) }, new Dense(23, "softmax"),
        };
        model.Compile(optimizer, Loss.SparseCategoricalCrossEntropy(), Unroll.Metrics.Metric.Accuracy());
        Dataset data = Sameness.TrainedModels.Tagged();
        var weights = Tensor.FromArray([.. Enumerable.Range(0, 20).Select(i => 0.25f + i % 4)], 20);
        History history = model.Fit(new Dataset(data.Inputs, data.Targets, weights), epochs: 2, batchSize: 8,
            options: new FitOptions { AccumulationSteps = pieces, GlobalClipNorm = 0.5f });
        return (model, history);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Pieces_give_the_weights_and_the_loss_of_the_whole(int pieces)
    {
        (Sequential whole, History expected) = Trained(1, new Sgd(0.5f));
        (Sequential found, History history) = Trained(pieces, new Sgd(0.5f));
        for (int p = 0; p < whole.Parameters.Count; p++)
        {
            float[] a = whole.Parameters[p].ToArray(), b = found.Parameters[p].ToArray();
            for (int i = 0; i < a.Length; i++) Assert.Equal(a[i], b[i], 2e-6f);
        }
        foreach (string name in expected.Names) Assert.Equal(expected[name][^1], history[name][^1], 1e-5);
    }

    [Fact]
    public void Pieces_are_the_same_bits_on_any_threads_at_every_width() => SameBits.AssertFor(() => Trained(3, new Adam(0.01f)).Model);

    [Fact]
    public void Fewer_than_one_piece_is_refused() => Assert.Contains("expected 1 or more, received 0",
        Assert.Throws<ArgumentException>(() => TrainingData.Compiled().Fit(TrainingData.Classes(8), options: new FitOptions { AccumulationSteps = 0 })).Message, StringComparison.Ordinal);
}

using Unroll.Basics;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Training;

namespace Unroll.Tests.Layers.Wrappers;

/// <summary>A model with a mask, from the data to the score.</summary>
public sealed class MaskedTrainingTests
{
    private const int Count = 4, Steps = 5;

    private static readonly bool[] s_real = [.. Enumerable.Range(0, Count * Steps).Select(i => i % 7 is not (1 or 2 or 5))];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Masked_steps_count_neither_in_losses_nor_in_metrics(bool ragged)
    {
        Tensor x = Inputs(), y = Targets(1f);
        if (ragged) x = x.WithLengths([5, 3, 0, 4]);
        Sequential model = Model();
        Evaluation scores = model.Evaluate((x, y));
        float[] answers = model.Predict(x).ToArray(), targets = y.ToArray();
        int[] counted = [.. Enumerable.Range(0, Count * Steps).Where(i => s_real[i] && (!ragged || i % Steps < x.Lengths[i / Steps]))];
        Assert.Equal(counted.Average(i => Math.Pow(answers[i] - targets[i], 2)), scores.Loss, 1e-6);
        Assert.Equal(counted.Average(i => Math.Abs(answers[i] - targets[i])), scores["mae"], 1e-6);
        Assert.All(Enumerable.Range(0, Count * Steps).Except(counted), i => Assert.Equal(0f, answers[i]));
        // Targets at masked steps are not looked at.
        Assert.Equal(scores.Values, model.Evaluate((x, Targets(1000f))).Values);
    }

    [Fact]
    public void Training_follows_the_steps_that_are_left()
    {
        Sequential masked = Model(), other = Model();
        float[] Trained(Sequential model, float atMasked)
        {
            model.Fit((Inputs(), Targets(atMasked)), epochs: 4, batchSize: 3);
            return [.. model.Parameters.SelectMany(p => p.ToArray())];
        }
        Assert.Equal(Trained(masked, 1), Trained(other, -50));
        Assert.InRange(MemoryPlan.ForTraining(masked, 3, 5).Activations, MemoryPlan.ForTraining(masked, 3, 2).Activations + 1, long.MaxValue);
    }

    private static Sequential Model()
    {
        var model = new Sequential(new Shape(-1, -1, 2), seed: 4) { new Masking(), new Gru(4, returnSequences: true), new Dense(1) };
        model.Compile(new Adam(0.01f), Loss.MeanSquaredError(), Metric.FromName("mae"));
        return model;
    }

    private static Tensor Inputs() => Tensor.FromArray([.. RecurrentData.Numbers(Count * Steps * 2, 5, 1).Select((v, i) => s_real[i / 2] ? v : 0)], Count, Steps, 2);

    private static Tensor Targets(float atMasked) => Tensor.FromArray([.. RecurrentData.Numbers(Count * Steps, 8, 1).Select((v, i) => s_real[i] ? v : atMasked)], Count, Steps, 1);
}

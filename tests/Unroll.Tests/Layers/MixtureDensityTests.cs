using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Losses;
using Unroll.Tests.Reference;
using Unroll.Training;

namespace Unroll.Tests.Layers;

public class MixtureDensityTests
{
    private const int Components = 3, Targets = 2, Width = Components * (1 + 2 * Targets);
    private static readonly float[] s_outputs = LossRun.Distinct(2 * 3 * Width, 1.5f, 0.2f);
    private static readonly Tensor s_tensor = Tensor.FromArray(s_outputs, 2, 3, Width).WithLengths([3, 1]);
    private static readonly MixtureDensity s_layer = new(Components, Targets);

    private static (double Weight, double Mean, double Scale)[] Parts(int row, int target)
    {
        double[] one = [.. s_outputs.Skip(row * Width).Take(Width).Select(v => (double)v)];
        double total = one.Take(Components).Sum(Math.Exp);
        return [.. Enumerable.Range(0, Components).Select(k => (Math.Exp(one[k]) / total, one[Components + k * Targets + target],
            Math.Log(1 + Math.Exp(one[Components + (Components + k) * Targets + target])) + 0.001))];
    }

    [Fact]
    public void Mean_and_variance_agree_with_the_formulas_and_padding_is_zero()
    {
        Tensor mean = s_layer.Mean(s_tensor), variance = s_layer.Variance(s_tensor);
        Assert.Equal([3, 1], mean.Lengths.ToArray());
        float[] means = mean.ToArray(), variances = variance.ToArray();
        for (int row = 0; row < 6; row++)
            for (int d = 0; d < Targets; d++)
            {
                var parts = Parts(row, d);
                double expected = parts.Sum(p => p.Weight * p.Mean), second = parts.Sum(p => p.Weight * (p.Scale * p.Scale + p.Mean * p.Mean));
                Assert.Equal(row > 3 ? 0 : expected, means[row * Targets + d], 1e-5);
                Assert.Equal(row > 3 ? 0 : second - expected * expected, variances[row * Targets + d], 1e-4);
            }
    }

    [Fact]
    public void Samples_have_the_mixtures_moments_and_repeat()
    {
        Assert.Equal(s_layer.Sample(s_tensor, 4, 7).ToArray(), s_layer.Sample(s_tensor, 4, 7).ToArray());
        Assert.NotEqual(s_layer.Sample(s_tensor, 4, 7).ToArray(), s_layer.Sample(s_tensor, 4, 8).ToArray());
        const int draws = 4000;
        double[,] drawn = new double[draws, Targets];
        for (int n = 0; n < draws; n++)
        {
            float[] sample = s_layer.Sample(s_tensor, 4, n).ToArray();
            for (int d = 0; d < Targets; d++) drawn[n, d] = sample[d];
        }
        for (int d = 0; d < Targets; d++)
        {
            var parts = Parts(0, d);
            double mean = parts.Sum(p => p.Weight * p.Mean), variance = parts.Sum(p => p.Weight * (p.Scale * p.Scale + p.Mean * p.Mean)) - mean * mean;
            double[] values = [.. Enumerable.Range(0, draws).Select(n => drawn[n, d])];
            double found = values.Average(), spread = values.Average(v => (v - found) * (v - found));
            Assert.Equal(mean, found, 5 * Math.Sqrt(variance / draws));
            Assert.Equal(variance, spread, 0.15 * variance);
        }
    }

    [Fact]
    public void The_loss_is_stable_far_from_every_component_and_shows_NaN()
    {
        float[] far = [0, 0, 1000, -1000, 0, 0];
        LossRun run = LossRun.Of(Loss.MixtureDensity(), far, [1, 6], Tensor.FromArray([0f], 1));
        double scale = Math.Log(2) + 0.001, expected = 0.5 * 1e6 / (scale * scale) + Math.Log(scale) + 0.5 * Math.Log(2 * Math.PI);
        Assert.Equal(expected, run.Value, 1e-6 * expected);
        Assert.All(run.Gradient, g => Assert.True(float.IsFinite(g)));
        Assert.True(float.IsNaN(LossRun.Of(Loss.MixtureDensity(), [0, 0, float.NaN, 0, 0, 0], [1, 6], Tensor.FromArray([0f], 1)).Value));
    }

    [Fact]
    public void Bad_input_is_named()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MixtureDensity(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MixtureDensity(2, 0));
        Assert.Contains("expected outputs [batch, …, 15]", Assert.Throws<ArgumentException>(() => s_layer.Mean(Tensor.Zeros(2, 14))).Message, StringComparison.Ordinal);
        Assert.Contains("targets of 2 numbers a row need outputs of a multiple of 5",
            Assert.Throws<ArgumentException>(() => LossRun.Of(Loss.MixtureDensity(), new float[6], [1, 6], Tensor.Zeros(1, 2))).Message, StringComparison.Ordinal);
    }

    /// <summary>Bishop's inverse problem: y is either root of x = y², so that the mean alone would answer 0.</summary>
    [Fact]
    public void A_small_model_learns_two_branches()
    {
        var draws = new RandomStream(6, "roots");
        float[] x = new float[256], y = new float[256];
        for (int n = 0; n < x.Length; n++)
        {
            y[n] = (0.5f + 0.5f * draws.Uniform(2 * n)) * (draws.Below(2, 1000 + n) == 0 ? 1 : -1);
            x[n] = y[n] * y[n];
        }
        Tensor inputs = Tensor.FromArray(x, 256, 1), targets = Tensor.FromArray(y, 256, 1);
        var layer = new MixtureDensity(2);
        var model = new Sequential { new Dense(16, "tanh"), layer };
        model.Compile(new Adam(0.02f), Loss.MixtureDensity());
        History history = model.Fit((inputs, targets), epochs: 60, batchSize: 32);
        // One normal density around 0 cannot go below its entropy, about 1.15; two branches go far below.
        Assert.True(history.Epochs[^1].Loss < 0.3, $"{history.Epochs[0].Loss} became {history.Epochs[^1].Loss}");
        float[] outputs = model.Predict(Tensor.FromArray([0.64f], 1, 1)).ToArray();
        Assert.Equal(-0.8, Math.Min(outputs[2], outputs[3]), 0.15);
        Assert.Equal(0.8, Math.Max(outputs[2], outputs[3]), 0.15);
    }
}

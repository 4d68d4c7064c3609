using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Support;

namespace Unroll.Tests.Layers.Attention;

public sealed class SelfAttentionPoolingTests
{
    private const int Batch = 4, Steps = 5, Features = 3, Units = 4, Hops = 2;
    private static readonly int[] s_lengths = [3, 5, 0, 1];

    [Fact]
    public void Averages_and_weights_are_those_of_the_equations()
    {
        SelfAttentionPooling layer = Built();
        var outputs = new Tensor[2];
        layer.Run([Steps3()], outputs, new Pass(new Tape(recording: false)));
        Assert.Equal([new Shape(Batch, Hops * Features), new Shape(Batch, Hops, Steps)], outputs.Select(y => y.Shape));
        double[] x = Doubles(Steps3().ToArray());
        float[] found = outputs[0].ToArray(), weights = outputs[1].ToArray();
        for (int b = 0; b < Batch; b++)
        {
            double[][] a = Weights(layer, x, b);
            for (int hop = 0; hop < Hops; hop++)
            {
                for (int t = 0; t < Steps; t++) Assert.Equal(t < s_lengths[b] ? a[hop][t] : 0, weights[(b * Hops + hop) * Steps + t], 1e-6);
                for (int f = 0; f < Features; f++)
                    Assert.Equal(Enumerable.Range(0, s_lengths[b]).Sum(t => a[hop][t] * x[(b * Steps + t) * Features + f]), found[(b * Hops + hop) * Features + f], 1e-6);
            }
        }
        Assert.Equal(new float[Hops * Features], found[(2 * Hops * Features)..(3 * Hops * Features)]);
    }

    [Fact]
    public void The_penalty_is_the_mean_distance_of_the_products_from_the_identity()
    {
        SelfAttentionPooling layer = Built(penalty: 0.3f);
        double Expected()
        {
            double sum = 0;
            for (int b = 0; b < Batch; b++)
            {
                if (s_lengths[b] == 0) continue;
                double[][] a = Weights(layer, Doubles(Steps3().ToArray()), b);
                for (int i = 0; i < Hops; i++)
                    for (int j = 0; j < Hops; j++) sum += Math.Pow(a[i].Zip(a[j], (p, q) => p * q).Sum() - (i == j ? 1 : 0), 2);
            }
            return 0.3 * sum / Batch;
        }
        var tape = new Tape();
        layer.Forward(Steps3(), new Pass(tape, Training: true));
        Tensor penalty = Assert.Single(tape.Penalties);
        Assert.Equal(Expected(), penalty.ToArray()[0], 1e-6);
        tape.Backward(penalty);
        foreach (Parameter parameter in layer.Parameters)
        {
            float[] values = parameter.ToArray(), gradient = parameter.GradientToArray();
            for (int i = 0; i < values.Length; i++)
            {
                double At(float shift)
                {
                    float[] moved = [.. values];
                    moved[i] += shift;
                    parameter.Set(moved);
                    return Expected();
                }
                Assert.Equal((At(1f / 1024) - At(-1f / 1024)) * 512, gradient[i], 1e-5);
            }
            parameter.Set(values);
        }
        tape.Reset();
        layer.Forward(Steps3(), new Pass(tape));
        Assert.Empty(tape.Penalties); // in training alone
    }

    [Fact]
    public void A_sequence_in_a_batch_has_the_bits_of_the_sequence_alone_and_a_file_keeps_them()
    {
        var model = new Sequential(new Shape(-1, -1, Features), seed: 6) { new SelfAttentionPooling(Units, Hops) { Penalty = 0.1f }, new Dense(2) };
        float[] all = model.Predict(Steps3()).ToArray();
        for (int b = 0; b < Batch; b++)
            if (s_lengths[b] > 0)
                Assert.Equal(model.Predict(Tensor.FromArray(Steps3().ToArray().AsSpan(b * Steps * Features, s_lengths[b] * Features), 1, s_lengths[b], Features)).ToArray(), all[(2 * b)..(2 * b + 2)]);
        using var file = new TemporaryFile("", ".safetensors");
        model.Save(file.Path);
        Assert.Equal(all, Sequential.Load(file.Path).Predict(Steps3()).ToArray());
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_what_came()
    {
        Assert.Contains("at least 1 unit, received 0", Assert.Throws<ArgumentOutOfRangeException>(() => new SelfAttentionPooling(0)).Message, StringComparison.Ordinal);
        Assert.Contains("at least 1 hop, received 0", Assert.Throws<ArgumentOutOfRangeException>(() => new SelfAttentionPooling(1, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("returnSequences", Assert.Throws<ArgumentException>(() => new SelfAttentionPooling(1).OutputShapeOf(new Shape(-1, 3))).Message, StringComparison.Ordinal);
        Assert.Contains("received 2 inputs", Assert.Throws<ArgumentException>(() => new SelfAttentionPooling(1).OutputShapeOf([new Shape(-1, -1, 3), new Shape(-1, -1, 3)])).Message, StringComparison.Ordinal);
    }

    /// <summary>A of a sequence, hop by hop, over its real steps.</summary>
    private static double[][] Weights(SelfAttentionPooling layer, double[] x, int b)
    {
        double[] kernel = Doubles(layer.Parameters[0].ToArray()), hops = Doubles(layer.Parameters[1].ToArray());
        return [.. Enumerable.Range(0, Hops).Select(hop =>
        {
            double[] powers = [.. Enumerable.Range(0, s_lengths[b]).Select(t => Math.Exp(Enumerable.Range(0, Units).Sum(u =>
                hops[hop * Units + u] * Math.Tanh(Enumerable.Range(0, Features).Sum(f => x[(b * Steps + t) * Features + f] * kernel[f * Units + u])))))];
            return powers.Select(p => p / powers.Sum()).ToArray();
        })];
    }

    private static SelfAttentionPooling Built(float penalty = 0)
    {
        var layer = new SelfAttentionPooling(Units, Hops, "pool") { Penalty = penalty, ReturnAttentionScores = true };
        layer.Build(new Shape(-1, -1, Features), 3);
        return layer;
    }

    private static Tensor Steps3() => Tensor.FromArray(OperationEntry.Distinct(Batch * Steps * Features), Batch, Steps, Features).WithLengths(s_lengths);

    private static double[] Doubles(float[] values) => Array.ConvertAll(values, v => (double)v);
}

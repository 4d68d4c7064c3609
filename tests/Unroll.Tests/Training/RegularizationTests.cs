using Unroll.Autograd;
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

/// <summary>Penalties against their formulas in double, in the loss that is reported and in the gradient that is taken.</summary>
[Collection(VectorWidthCollection.Name)]
public sealed class RegularizationTests
{
    private static readonly Regularizer s_kernel = Regularizer.L1L2(0.03f, 0.2f), s_recurrent = Regularizer.L2(0.05f), s_bias = Regularizer.L1(0.07f);

    private static double Penalty(Parameter parameter, Regularizer regularizer) =>
        parameter.ToArray().Sum(w => (double)regularizer.Absolute * Math.Abs(w) + (double)regularizer.Square * w * w);

    private static Sequential Model(bool regularized)
    {
        (Regularizer? kernel, Regularizer? recurrent, Regularizer? bias) = regularized ? (s_kernel, s_recurrent, s_bias) : default((Regularizer?, Regularizer?, Regularizer?));
        var model = new Sequential(new Shape(-1, -1, 4), seed: 3)
        {
            new Gru(19) { KernelRegularizer = kernel, RecurrentRegularizer = recurrent, BiasRegularizer = bias },
            new Dense(3, "softmax", biasInitializer: new RandomUniform(-1, 1)) { KernelRegularizer = kernel, BiasRegularizer = bias },
        };
        model.Compile(new Sgd(0.25f), Loss.SparseCategoricalCrossEntropy());
        return model;
    }

    private static Dataset Sequences() => new(Tensor.FromArray(TrainingData.Distinct(10 * 3 * 4), 10, 3, 4), Tensor.FromArray([.. Enumerable.Range(0, 10).Select(i => (float)(i % 3))], 10));

    [Fact]
    public void The_reported_loss_and_the_step_have_the_penalties_of_their_formulas()
    {
        Sequential plain = Model(false), regularized = Model(true);
        Regularizer[] rules = [s_kernel, s_recurrent, s_bias, s_bias, s_kernel, s_bias];
        Assert.Equal(rules, regularized.Parameters.Select(parameter => parameter.Regularizer));
        double penalty = regularized.Parameters.Select((parameter, i) => Penalty(parameter, rules[i])).Sum();
        Assert.Equal(penalty, Regularization.Of(regularized.Parameters), 1e-6 * penalty);
        Assert.Equal(plain.Evaluate(Sequences()).Loss + penalty, regularized.Evaluate(Sequences()).Loss, 1e-5);
        float[][] before = [.. regularized.Parameters.Select(parameter => parameter.ToArray())];

        double plainLoss = plain.Fit(Sequences(), batchSize: 10).Epochs[0].Loss, loss = regularized.Fit(Sequences(), batchSize: 10).Epochs[0].Loss;
        Assert.Equal(plainLoss + penalty, loss, 1e-5);
        for (int p = 0; p < rules.Length; p++)
        {
            float[] without = plain.Parameters[p].ToArray(), with = regularized.Parameters[p].ToArray();
            for (int i = 0; i < with.Length; i++)
            {
                double slope = rules[p].Absolute * Math.Sign(before[p][i]) + 2 * rules[p].Square * before[p][i];
                Assert.Equal(without[i] - 0.25 * slope, with[i], 2e-7);
            }
        }
    }

    [Fact]
    public void The_penalty_is_part_of_the_gradient_that_is_clipped()
    {
        Sequential model = Model(true);
        float[][] before = [.. model.Parameters.Select(parameter => parameter.ToArray())];
        model.Fit(Sequences(), batchSize: 10, options: new FitOptions { GlobalClipNorm = 0.5f });
        double squares = model.Parameters.Select((parameter, p) => parameter.ToArray().Select((w, i) => Math.Pow(((double)w - before[p][i]) / 0.25, 2)).Sum()).Sum();
        Assert.Equal(0.5, Math.Sqrt(squares), 1e-5);
    }

    [Fact]
    public void A_frozen_parameter_counts_in_the_loss_and_gets_no_gradient()
    {
        var parameter = new Parameter("w", new Shape(3)) { Regularizer = Regularizer.L1L2(1, 1), Trainable = false };
        parameter.Set([1, -2, 0]);
        Assert.Equal(8, Regularization.AddGradients([parameter]));
        Assert.False(parameter.HasGradients);
        parameter.Trainable = true;
        Assert.Equal(8, Regularization.AddGradients([parameter]));
        Assert.Equal([3f, -5f, 0f], parameter.GradientToArray());
    }

    [Fact]
    public void Layers_that_penalise_activity_add_their_formula_in_training_alone()
    {
        Tensor x = Tensor.FromArray(TrainingData.Distinct(2 * 3 * 2), 2, 3, 2).WithLengths([3, 2]);
        float[] v = x.ToArray();
        double absolute = v.Sum(Math.Abs), square = v.Sum(a => (double)a * a), change = 0;
        foreach (int at in new[] { 2, 3, 4, 5, 8, 9 }) change += Math.Pow(v[at] - v[at - 2], 2);
        double expected = (0.5 * absolute + 0.25 * square) / 2 + 2 * square / 10 + 3 * change / 6;
        Layer[] layers = [new ActivityRegularization(0.5f, 0.25f), new TemporalActivityRegularization(2, 3)];
        var tape = new Tape();
        tape.Watch(x);
        foreach (bool training in new[] { false, true })
        {
            Tensor y = x;
            foreach (Layer layer in layers) y = layer.Forward(y, new Pass(tape, training));
            Tensor loss = Regularization.WithActivity(Unroll.Ops.SumOp.Of(tape, y));
            Assert.Equal(v.Sum() + (training ? expected : 0), loss.Item, 2e-6);
            Assert.Equal(v, y.ToArray());
            tape.Reset();
            Assert.Empty(tape.Penalties);
            tape.Watch(x);
        }
    }

    [Fact]
    public void Weights_are_the_same_bits_on_any_threads_at_every_width() => SameBits.AssertFor(() =>
    {
        Sequential model = Model(true);
        model.Fit(Sequences(), epochs: 4, batchSize: 3);
        return model;
    });

    [Theory]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Bad_factors_are_refused(float factor)
    {
        foreach (Action make in new Action[]
        {
            () => Regularizer.L1(factor), () => Regularizer.L2(factor), () => Regularizer.L1L2(1, factor),
            () => _ = new ActivityRegularization(factor), () => _ = new TemporalActivityRegularization(change: factor),
        })
            Assert.Contains("at least 0, received", Assert.Throws<ArgumentOutOfRangeException>(make).Message, StringComparison.Ordinal);
    }
}

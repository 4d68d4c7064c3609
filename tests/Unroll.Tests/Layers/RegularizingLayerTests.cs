using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Sameness;
using Unroll.Tests.Support;
using Unroll.Tests.Training;
using Unroll.Training;

namespace Unroll.Tests.Layers;

/// <summary>Dropped rows, words, features and weights, tied tables, and predictions that leave dropout on.</summary>
[Collection(VectorWidthCollection.Name)]
public sealed class RegularizingLayerTests
{
    private static Sequential LanguageModel()
    {
        var words = new Embedding(23, 7) { Dropout = 0.2f, WordDropout = 0.3f, UnknownIndex = 1 };
        var model = new Sequential(seed: 3)
        {
            words, new SpatialDropout(0.25f), new Lstm(19, returnSequences: true) { WeightDrop = 0.5f },
            new Bidirectional(new Gru(9, returnSequences: true) { WeightDrop = 0.3f, GradientCheckpointing = true }),
            new TemporalActivityRegularization(2, 1), new Dense(7), new TiedDense(words, "softmax"),
        };
        model.Compile(new Adam(0.01f), Loss.SparseCategoricalCrossEntropy());
        return model;
    }

    [Fact]
    public void A_model_with_all_of_them_is_the_same_bits_on_any_threads_at_every_width() => SameBits.AssertFor(() =>
    {
        Sequential model = LanguageModel();
        model.Fit(TrainedModels.Tagged(), epochs: 3, batchSize: 5);
        return model;
    });

    [Fact]
    public void Nothing_is_dropped_outside_training_and_the_file_holds_the_table_once()
    {
        Sequential model = LanguageModel();
        model.Fit(TrainedModels.Tagged(), epochs: 2, batchSize: 5);
        Tensor ids = TrainedModels.Tagged().Inputs;
        float[] answers = model.Predict(ids).ToArray();
        Assert.Equal(answers, model.Predict(ids).ToArray());
        using var file = new TemporaryFile("");
        model.Save(file.Path);
        Sequential loaded = Sequential.Load(file.Path);
        Assert.Equal(answers, loaded.Predict(ids).ToArray());
        Assert.Single(model.Parameters, parameter => parameter.Count == 23 * 7);
        Assert.Equal(["tied_dense/bias"], loaded.Layers[^1].Parameters.Select(parameter => parameter.Name));
        Assert.Same(loaded.Layers[0], ((TiedDense)loaded.Layers[^1]).Embedding);
    }

    [Fact]
    public void A_dropped_row_is_zero_wherever_its_id_comes_and_the_rest_is_divided()
    {
        var layer = new Embedding(50, 3, initializer: "ones", name: "words") { Dropout = 0.4f };
        int[] ids = [.. Enumerable.Range(0, 200).Select(i => i * 7 % 50)];
        float[] y = layer.Forward(Tensor.FromTokens([ids]), new Pass(new Tape(), Training: true, Seed: 4, Step: 2)).ToArray();
        var stream = new RandomStream(4, "words", 2).Fork("dropout");
        for (int t = 0; t < ids.Length; t++)
            for (int u = 0; u < 3; u++) Assert.Equal(stream.Uniform(ids[t]) < 0.4f ? 0 : 1 / (1 - 0.4f), y[t * 3 + u]);
        Assert.InRange(ids.Distinct().Count(id => stream.Uniform(id) < 0.4f), 10, 30);
    }

    [Fact]
    public void Dropped_words_read_the_unknown_row_and_padding_stays()
    {
        var layer = new Embedding(3, 1, paddingIndex: 0, initializer: "ones") { WordDropout = 0.5f, UnknownIndex = 2 };
        layer.Build(new Shape(-1, -1));
        layer.Parameters[0].Set([0, 1, 5]);
        Tensor y = layer.Forward(Tensor.FromArray([1, 1, 1, 1, 1, 1, 1, 1, 0, 0], 1, 10), new Pass(new Tape(), Training: true, Seed: 1));
        Assert.Equal([8], y.Lengths.ToArray());
        Assert.Equal([0f, 1f, 5f], y.ToArray().Distinct().Order());
        Assert.Contains("needs an UnknownIndex", Assert.Throws<ArgumentException>(() => new Embedding(3, 1) { WordDropout = 0.5f }.Build(new Shape(-1, -1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weight_drop_computes_with_the_masked_matrix_and_a_forward_pass_of_its_own_agrees()
    {
        // The same draws put into a second layer's weights by hand.
        var layer = new SimpleRnn(5, name: "rnn") { WeightDrop = 0.5f };
        var plain = new SimpleRnn(5, name: "rnn");
        foreach (SimpleRnn each in new[] { layer, plain }) each.Build(new Shape(-1, -1, 4), seed: 2);
        var stream = new RandomStream(9, "rnn", 3).Fork("weight_drop");
        Parameter recurrent = plain.Parameters[1];
        int dropped = 0;
        for (int i = 0; i < recurrent.StorageLength; i++)
        {
            bool drops = stream.Uniform(i) < 0.5f;
            if (drops && recurrent.ValueSpan[i] != 0) dropped++;
            recurrent.ValueSpan[i] *= drops ? 0 : 2;
        }
        recurrent.MarkChanged();
        Assert.InRange(dropped, 5, 20);
        Tensor x = Tensor.FromArray(TrainingData.Distinct(2 * 6 * 4), 2, 6, 4);
        (Tape a, Tape b) = (new Tape(), new Tape());
        Tensor found = layer.Forward(x, new Pass(a, Training: true, Seed: 9, Step: 3)), expected = plain.Forward(x, new Pass(b, Training: true, Seed: 9, Step: 3));
        Assert.Equal(expected.ToArray(), found.ToArray());
        a.Backward(Unroll.Ops.SumOp.Of(a, found));
        b.Backward(Unroll.Ops.SumOp.Of(b, expected));
        Assert.Equal(plain.Parameters[0].GradientToArray(), layer.Parameters[0].GradientToArray());
        float[] masked = [.. plain.Parameters[1].GradientSpan.ToArray().Select((g, i) => g * (stream.Uniform(i) < 0.5f ? 0 : 2f))];
        Assert.Equal(masked, layer.Parameters[1].GradientSpan.ToArray(), (float p, float q) => p == q);
    }

    [Fact]
    public void A_tied_table_has_the_gradient_of_both_uses()
    {
        var words = new Embedding(6, 4, initializer: new RandomNormal(0, 1));
        var model = new Sequential(seed: 2) { words, new TiedDense(words, useBias: false) };
        Tensor ids = Tensor.FromTokens([[0, 3, 5], [1, 3]]);
        Parameter table = model.Parameters[0];
        double Loss()
        {
            var forward = new Tape(recording: false);
            return model.Forward(ids, new Pass(forward)).ToArray().Select((v, i) => v * Math.Cos(i)).Sum();
        }
        var tape = new Tape();
        Tensor y = model.Forward(ids, new Pass(tape, Training: true));
        tape.Backward(y, [.. Enumerable.Range(0, y.Shape.Length).Select(i => (float)Math.Cos(i))]);
        float[] gradient = table.GradientToArray(), values = table.ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            float before = values[i];
            const float step = 0.0625f; // the loss is quadratic, so central differences are exact but for rounding
            (values[i]) = before + step;
            table.Set(values);
            double up = Loss();
            values[i] = before - step;
            table.Set(values);
            double down = Loss();
            values[i] = before;
            Assert.Equal((up - down) / (2 * step), gradient[i], 2e-4);
        }
    }

    [Fact]
    public void A_tied_layer_without_its_embedding_is_refused()
    {
        var elsewhere = new Embedding(6, 4, name: "elsewhere");
        Assert.Contains("expected the Embedding 'elsewhere'", Assert.Throws<ArgumentException>(() =>
            new Sequential { new Embedding(6, 4), new TiedDense(elsewhere) }).Message, StringComparison.Ordinal);
        var words = new Embedding(6, 4);
        Assert.Contains("Put a Dense(4) before it", Assert.Throws<ArgumentException>(() =>
            new Sequential { words, new Lstm(5), new TiedDense(words) }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mean_and_deviation_of_draws_are_those_of_single_passes()
    {
        Sequential model = TrainingData.Classifier(dropout: 0.5f);
        Tensor x = TrainingData.Classes(7).Inputs;
        UncertainPrediction found = model.PredictUncertain(x, samples: 20, seed: 6, batchSize: 7);
        var draws = new List<float[]>();
        for (int s = 0; s < 20; s++) draws.Add(model.Forward(x, new Pass(new Tape(), Training: true, Seed: 6, Step: s)).ToArray());
        float[] mean = found.Mean.ToArray(), deviation = found.Deviation.ToArray();
        for (int i = 0; i < mean.Length; i++)
        {
            double expected = draws.Average(draw => (double)draw[i]);
            Assert.Equal(expected, mean[i], 1e-6);
            Assert.Equal(Math.Sqrt(draws.Sum(draw => Math.Pow(draw[i] - expected, 2)) / 19), deviation[i], 1e-6);
        }
        Assert.Contains(deviation, d => d > 0.01f);
        Assert.Equal(mean, model.PredictUncertain(x, 20, 6, 7).Mean.ToArray());
        Assert.NotEqual(mean, model.PredictUncertain(x, 20, 7, 7).Mean.ToArray());
        Assert.All(TrainingData.Classifier(dropout: 0).PredictUncertain(x, 3).Deviation.ToArray(), d => Assert.Equal(0, d));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.PredictUncertain(x, 1));
    }

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1f)]
    [InlineData(float.NaN)]
    public void Rates_outside_their_range_are_refused(float rate)
    {
        foreach (Action make in new Action[]
        {
            () => _ = new SpatialDropout(rate), () => _ = new Embedding(3, 2) { Dropout = rate },
            () => _ = new Embedding(3, 2) { WordDropout = rate }, () => _ = new Lstm(2) { WeightDrop = rate },
        })
            Assert.Contains("[0, 1)", Assert.Throws<ArgumentOutOfRangeException>(make).Message, StringComparison.Ordinal);
    }
}

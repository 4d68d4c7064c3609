using System.Text.Json.Nodes;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Files;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Training;
using static Unroll.Tests.Training.TrainingData;

namespace Unroll.Tests.Models;

/// <summary>A model's file keeps not only the names of its parts but what they are set to.</summary>
public sealed class ModelSettingsTests : IDisposable
{
    private static readonly Dataset s_classes = Classes(12);
    private static readonly Dataset s_numbers = new(s_classes.Inputs, Tensor.FromArray(Distinct(24, 2.3), 12, 2));
    private static readonly Dataset s_shares = new(s_classes.Inputs, Tensor.FromArray([.. Enumerable.Range(0, 12).SelectMany<int, float>(i => i % 3 == 0 ? [0.7f, 0.2f, 0.1f] : [0, 0.25f, 0.75f])], 12, 3));
    private static readonly Dataset s_flags = new(s_classes.Inputs, Tensor.FromArray([.. Enumerable.Range(0, 24).Select(i => i % 3 == 1 ? 1f : 0f)], 12, 2));

    // The loss as set, the loss of its name alone, the data, and how many outputs.
    private static readonly Dictionary<string, (Loss Set, Loss Plain, Dataset Data, int Units)> s_losses = new()
    {
        ["huber"] = (Loss.Huber(0.1f), Loss.Huber(), s_numbers, 2),
        ["quantile"] = (Loss.Quantile(0.05f, 0.5f, 0.6f), Loss.Quantile(0.1f, 0.5f, 0.9f), s_numbers, 6),
        ["categorical_crossentropy, smoothed"] = (Loss.CategoricalCrossEntropy(0.1f), Loss.CategoricalCrossEntropy(), s_shares, 3),
        ["categorical_crossentropy, weighted"] = (Loss.CategoricalCrossEntropy(0, [3, 0.1f, 1]), Loss.CategoricalCrossEntropy(), s_shares, 3),
        ["sparse_categorical_crossentropy, ignoring"] = (Loss.SparseCategoricalCrossEntropy(1), Loss.SparseCategoricalCrossEntropy(), s_classes, 3),
        ["sparse_categorical_crossentropy, smoothed"] = (Loss.SparseCategoricalCrossEntropy(-100, 0.2f), Loss.SparseCategoricalCrossEntropy(), s_classes, 3),
        ["sparse_categorical_crossentropy, weighted"] = (Loss.SparseCategoricalCrossEntropy(-100, 0, [3, 0.1f, 1]), Loss.SparseCategoricalCrossEntropy(), s_classes, 3),
        ["binary_crossentropy, smoothed"] = (Loss.BinaryCrossEntropy(0.2f), Loss.BinaryCrossEntropy(), s_flags, 2),
        ["binary_crossentropy, weighted"] = (Loss.BinaryCrossEntropy(0, [1, 5]), Loss.BinaryCrossEntropy(), s_flags, 2),
    };

    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public static TheoryData<string> Losses => [.. s_losses.Keys];

    public void Dispose() => File.Delete(_path);

    private static Sequential Linear(int units) => new(new Shape(-1, 4), seed: 3) { new Dense(units) };

    private Sequential Again(Sequential model)
    {
        model.Save(_path);
        return Sequential.Load(_path);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void A_loaded_model_is_judged_by_its_loss_as_it_was_set(string name)
    {
        (Loss set, Loss plain, Dataset data, int units) = s_losses[name];
        Sequential model = Linear(units);
        model.Compile(new Sgd(0.01f), plain);
        double otherwise = model.Evaluate(data).Loss;
        model.Compile(new Sgd(0.01f), set);
        double expected = model.Evaluate(data).Loss;
        Assert.True(Math.Abs(otherwise - expected) > 1e-5, $"{otherwise} and {expected} tell nothing apart");
        Assert.Equal(expected, Again(model).Evaluate(data).Loss);
    }

    [Fact]
    public void Every_loss_comes_back_by_its_name()
    {
        foreach (string name in LossNames.All)
        {
            Sequential model = name switch
            {
                "conditional_random_field" => new Sequential(new Shape(-1, -1, 6)) { new ConditionalRandomField(6) },
                "sampled_softmax" => new Sequential(new Shape(-1, 6)) { new SampledSoftmax(9, 2) },
                "adaptive_softmax" => new Sequential(new Shape(-1, 6)) { new AdaptiveSoftmax(9, [4]) },
                _ => Linear(6),
            };
            model.Compile(new Sgd(0.01f), Loss.FromName(name));
            Assert.Equal(name, Again(model).Compiled!.Outputs[0].Loss.Name);
        }
    }

    [Fact]
    public void A_loaded_model_is_judged_by_its_metrics_as_they_were_set()
    {
        Sequential one = Linear(1), three = Linear(3), two = Linear(2);
        var flags = new Dataset(s_classes.Inputs, Tensor.FromArray([.. Enumerable.Range(0, 12).Select(i => i % 3 == 0 ? 1f : 0f)], 12, 1));
        one.Compile("sgd", "binary_crossentropy", "accuracy", "precision", "recall", "f1_score");
        three.Compile(new Sgd(0.01f), Loss.SparseCategoricalCrossEntropy(), Metric.TopK(2), Metric.Precision(Averaging.Micro), Metric.Perplexity(fromLogits: true),
            Metric.Accuracy(ignoredTarget: 0), Metric.F1(Averaging.Macro, ignoredTarget: 1));
        two.Compile(new Sgd(0.01f), Loss.MeanSquaredError(), Metric.MeanAbsoluteScaledError(0.25), Metric.FromName("rmse"), Metric.FromName("smape"));
        foreach ((Sequential model, Dataset data) in new[] { (one, flags), (three, s_classes), (two, s_numbers) })
        {
            Evaluation expected = model.Evaluate(data);
            Evaluation found = Again(model).Evaluate(data);
            Assert.Equal(expected.Values, found.Values);
        }
        // Settings that matter here: the names alone would have given other numbers.
        Evaluation scores = one.Evaluate(flags);
        one.Compile(new Sgd(0.01f), Loss.BinaryCrossEntropy(), Metric.Accuracy(), Metric.Recall());
        Assert.NotEqual(scores["accuracy"], one.Evaluate(flags)["accuracy"]);
        Assert.NotEqual(scores["recall"], one.Evaluate(flags)["recall"]);
        Assert.Equal(two.Evaluate(s_numbers)["mean_absolute_scaled_error"] * 0.25, MeanAbsoluteError(two), 1e-6);
    }

    private static double MeanAbsoluteError(Sequential model)
    {
        model.Compile(new Sgd(0.01f), Loss.MeanAbsoluteError());
        return model.Evaluate(s_numbers).Loss;
    }

    [Fact]
    public void A_metric_of_ones_own_leaves_the_loaded_model_to_be_compiled_again()
    {
        Sequential model = Linear(2);
        model.Compile(new Sgd(0.01f), Loss.MeanSquaredError(), new Largest());
        Sequential loaded = Again(model);
        Assert.Contains("is not compiled", Assert.Throws<InvalidOperationException>(() => loaded.Evaluate(s_numbers)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"delta\":0.25", "\"delta\":\"much\"", "Loss 'huber': expected a number as setting 'delta', found \"much\"")]
    [InlineData("\"delta\":0.25", "\"delta\":-1", "Huber's delta is a finite number above 0")]
    [InlineData("\"kind\":\"regression\"", "\"kind\":\"regret\"", "Metric 'mae': its kind 'regret' is not known")]
    [InlineData("\"error\":\"Absolute\"", "\"error\":\"Absolut\"", "Metric 'mae': expected one of Absolute, Squared, RootSquared, SymmetricPercentage as setting 'error', found \"Absolut\"")]
    [InlineData("\"divisor\":1", "\"divider\":1", "Metric 'mae': expected a number as setting 'divisor', found none")]
    public void A_damaged_setting_is_refused_by_name(string from, string to, string message)
    {
        Sequential model = Linear(2);
        model.Compile(new Sgd(0.01f), Loss.Huber(0.25f), Metric.FromName("mae"));
        model.Save(_path);
        Dictionary<string, string> metadata;
        float[] kernel, bias;
        using (SafetensorsFile file = SafetensorsFile.Open(_path))
        {
            metadata = new Dictionary<string, string>(file.Metadata);
            (kernel, bias) = (file.ReadFloats("dense/kernel"), file.ReadFloats("dense/bias"));
        }
        Assert.Contains(from, metadata["compile"], StringComparison.Ordinal);
        metadata["compile"] = metadata["compile"].Replace(from, to, StringComparison.Ordinal);
        SafetensorsWriter.Write(_path, [SafetensorsTensor.Floats("dense/kernel", [4, 2], kernel), SafetensorsTensor.Floats("dense/bias", [2], bias)], metadata);
        Assert.Contains(message, Assert.Throws<ModelFileException>(() => Sequential.Load(_path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Initializers_come_back_with_their_numbers()
    {
        var model = new Sequential(new Shape(-1, -1, 3))
        {
            new Bidirectional(new Lstm(2, returnSequences: true) { KernelInitializer = new RandomNormal(0.25, 0.5), RecurrentInitializer = new Orthogonal(1.1f) }),
            new Dense(2, kernelInitializer: new TruncatedNormal(0.1, 0.2), biasInitializer: new Constant(0.3f)),
            new Dense(2, kernelInitializer: new RandomUniform(-0.7, 0.9), biasInitializer: "ones"),
            new Dense(2, kernelInitializer: new Identity(0.6f), biasInitializer: "he_normal"),
        };
        Sequential loaded = Again(model);
        var lstm = (RecurrentLayer)((Bidirectional)loaded.Layers[0]).ForwardLayer;
        var normal = Assert.IsType<RandomNormal>(lstm.KernelInitializer);
        Assert.Equal((0.25, 0.5), (normal.Mean, normal.Deviation));
        Assert.Equal(1.1f, Assert.IsType<Orthogonal>(lstm.RecurrentInitializer).Gain);
        Dense[] dense = [.. loaded.Layers.Skip(1).Cast<Dense>()];
        var truncated = Assert.IsType<TruncatedNormal>(dense[0].KernelInitializer);
        Assert.Equal((0.1, 0.2), (truncated.Mean, truncated.Deviation));
        Assert.Equal(0.3f, Assert.IsType<Constant>(dense[0].BiasInitializer).Value);
        var uniform = Assert.IsType<RandomUniform>(dense[1].KernelInitializer);
        Assert.Equal((-0.7, 0.9), (uniform.Minimum, uniform.Maximum));
        Assert.IsType<Ones>(dense[1].BiasInitializer);
        Assert.Equal(0.6f, Assert.IsType<Identity>(dense[2].KernelInitializer).Gain);
        Assert.IsType<HeNormal>(dense[2].BiasInitializer);
    }

    [Fact]
    public void Every_initializer_comes_back_from_its_description()
    {
        foreach (string name in Initializer.Names)
        {
            Initializer made = Initializer.FromDescription(JsonNode.Parse(Initializer.FromName(name).Describe().ToJsonString()));
            Assert.Equal(Initializer.FromName(name).GetType(), made.GetType());
        }
        Assert.Contains("expected a number as 'gain', found none", Assert.Throws<InvalidDataException>(() => Initializer.FromDescription(JsonNode.Parse("""{"name":"orthogonal"}"""))).Message, StringComparison.Ordinal);
    }

    private sealed class Largest() : Metric("largest")
    {
        private double _largest;

        public override double Result => _largest;

        public override void Reset() => _largest = 0;

        public override double[] SaveState() => [_largest];

        public override void LoadState(ReadOnlySpan<double> state) => _largest = state[0];

        protected override void AddRow(int row, ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, double weight) =>
            _largest = Math.Max(_largest, outputs[0]);
    }
}

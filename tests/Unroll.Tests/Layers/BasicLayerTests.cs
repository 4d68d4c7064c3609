using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Reference;

namespace Unroll.Tests.Layers;

/// <summary>The layers without a recurrence: values, shapes, defaults and refusals.</summary>
public sealed class BasicLayerTests
{
    private static readonly int[] s_lengths = [2, 0, 3];

    private static Pass Inference => new(new Tape(recording: false));

    [Fact]
    public void Dense_maps_every_real_step()
    {
        var dense = new Dense(4, Activation.Tanh);
        dense.Build(new Shape(Shape.Unknown, Shape.Unknown, 5));
        dense.Parameters[1].Set([0.1f, -0.2f, 0.3f, -0.4f]);
        float[] x = OperationEntry.Distinct(3 * 3 * 5);
        Tensor y = dense.Forward(Tensor.FromArray(x, 3, 3, 5).WithLengths(s_lengths), Inference);
        ReferenceTensor expected = ReferenceOperations.Linear(
            new ReferenceTensor([3, 3, 5], Doubles(x), s_lengths), Doubles(dense.Parameters[0].ToArray()), [0.1, -0.2, 0.3, -0.4], 4).Map(Math.Tanh);
        Close(expected.Values, y.ToArray());
        Assert.Equal(new Shape(Shape.Unknown, Shape.Unknown, 4), dense.OutputShape);
        Assert.Equal(s_lengths, y.Lengths.ToArray());
    }

    [Fact]
    public void Dense_counts_its_parameters_and_starts_within_Glorots_limit()
    {
        var dense = new Dense(10);
        dense.Build(new Shape(Shape.Unknown, 128), seed: 3);
        Assert.Equal(1290, dense.Parameters.Sum(p => p.Count));
        float[] kernel = dense.Parameters[0].ToArray();
        double limit = Math.Sqrt(6.0 / 138);
        Assert.InRange(kernel.Max(), 0.95 * limit, limit);
        Assert.InRange(kernel.Min(), -limit, -0.95 * limit);
        Assert.All(dense.Parameters[1].ToArray(), b => Assert.Equal(0f, b));
        Assert.Equal(kernel.Length, kernel.Distinct().Count());
    }

    [Fact]
    public void Equal_seeds_and_names_start_equal_and_others_do_not()
    {
        float[] Kernel(ulong seed, string name)
        {
            var dense = new Dense(3, name: name);
            dense.Build(new Shape(Shape.Unknown, 2), seed);
            return dense.Parameters[0].ToArray();
        }
        Assert.Equal(Kernel(1, "a"), Kernel(1, "a"));
        Assert.NotEqual(Kernel(1, "a"), Kernel(2, "a"));
        Assert.NotEqual(Kernel(1, "a"), Kernel(1, "b"));
    }

    [Fact]
    public void Dense_gives_what_precedes_its_activation_to_the_loss()
    {
        var dense = new Dense(2, "softmax", useBias: false);
        Tensor x = Tensor.FromArray([1f, 2f], 1, 2);
        dense.Build(new Shape(Shape.Unknown, 2));
        Assert.Single(dense.Parameters);
        dense.Parameters[0].Set([1f, 2f, 3f, 4f]);
        Assert.Same(Activation.Softmax, dense.FinalActivation);
        Assert.Null(new Dense(2).FinalActivation);
        Assert.Equal([7f, 10f], dense.ForwardBeforeActivation(x, Inference).ToArray());
        Close([1 / (1 + Math.Exp(3)), 1 / (1 + Math.Exp(-3))], dense.Forward(x, Inference).ToArray());
    }

    [Fact]
    public void Dense_refuses_other_features_than_it_was_built_for()
    {
        var dense = new Dense(2, name: "head");
        dense.Forward(Tensor.Zeros(1, 3), Inference);
        string message = Assert.Throws<ArgumentException>(() => dense.Forward(Tensor.Zeros(1, 4), Inference)).Message;
        Assert.StartsWith("Dense 'head': expected input [?, 3], received [1, 4].", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Dense(0));
        Assert.Contains("known feature count", Assert.Throws<ArgumentException>(() => new Dense(1).OutputShapeOf(new Shape(-1, -1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Embedding_reads_rows_and_leaves_full_sequences_without_lengths()
    {
        var embedding = new Embedding(4, 2);
        embedding.Build(embedding.KnownInputShape!.Value);
        embedding.Parameters[0].Set([0, 1, 10, 11, 20, 21, 30, 31]);
        Tensor y = embedding.Forward(Tensor.FromArray([3, 0, 2, 2], 2, 2), Inference);
        Assert.Equal([30, 31, 0, 1, 20, 21, 20, 21], y.ToArray());
        Assert.True(y.Lengths.IsEmpty);
        Assert.Equal(new Shape(2, 2, 2), y.Shape);
        Assert.Equal(new Shape(Shape.Unknown, Shape.Unknown, 2), embedding.OutputShape);
        Assert.Equal([10, 11], embedding.Forward(Tensor.FromArray([1], 1, 1), Inference).ToArray());
    }

    [Fact]
    public void Padding_ids_at_the_end_become_lengths_and_elsewhere_stay_steps()
    {
        var embedding = new Embedding(4, 2, paddingIndex: 1);
        Tensor ids = Tensor.FromArray([3, 1, 2, 1, 1, 1, 1, 1, 0, 2, 3, 2], 3, 4);
        Tensor y = embedding.Forward(ids, Inference);
        Assert.Equal([3, 0, 4], y.Lengths.ToArray());
        float[] table = embedding.Parameters[0].ToArray();
        Assert.Equal([0f, 0f], table[2..4]);
        Assert.All(table[4..], v => Assert.NotEqual(0f, v));
        Assert.Equal([.. table[6..8], 0, 0, .. table[4..6], 0, 0], y.ToArray()[..8]);

        Tensor given = embedding.Forward(Tensor.FromTokens([[3, 1], [2]]), Inference);
        Assert.Equal([2, 1], given.Lengths.ToArray());
    }

    [Fact]
    public void Embedding_refuses_sizes_and_padding_outside_their_ranges()
    {
        Assert.Contains("1 to 16777216", Assert.Throws<ArgumentOutOfRangeException>(() => new Embedding(0, 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Embedding(16_777_217, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Embedding(3, 0));
        Assert.Contains("from 0 to 2, received 3", Assert.Throws<ArgumentOutOfRangeException>(() => new Embedding(3, 2, 3)).Message, StringComparison.Ordinal);
        Assert.Contains("ids [batch, time]", Assert.Throws<ArgumentException>(() => new Embedding(3, 2).Forward(Tensor.Zeros(1, 2, 3), Inference)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dropout_acts_in_training_alone_and_by_its_name()
    {
        Tensor x = Tensor.FromArray([.. Enumerable.Repeat(1f, 64)], 1, 64);
        var tape = new Tape();
        var dropout = new Dropout(0.5f, "a");
        float[] first = dropout.Forward(x, new Pass(tape, Training: true, Seed: 1, Step: 2)).ToArray();
        Assert.Equal([0f, 2f], first.Distinct().Order());
        Assert.Equal(first, dropout.Forward(x, new Pass(tape, Training: true, Seed: 1, Step: 2)).ToArray());
        Assert.NotEqual(first, dropout.Forward(x, new Pass(tape, Training: true, Seed: 1, Step: 3)).ToArray());
        Assert.NotEqual(first, dropout.Forward(x, new Pass(tape, Training: true, Seed: 2, Step: 2)).ToArray());
        Assert.NotEqual(first, new Dropout(0.5f, "b").Forward(x, new Pass(tape, Training: true, Seed: 1, Step: 2)).ToArray());
        Assert.Equal(x.ToArray(), dropout.Forward(x, new Pass(tape)).ToArray());
        Assert.Contains("[0, 1), received 1", Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout(1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LayerNormalization_agrees_with_double_precision_and_uses_its_epsilon()
    {
        float[] x = [.. OperationEntry.Distinct(2 * 7).Select(v => 0.05f * v)]; // small, so that epsilon matters
        var layer = new LayerNormalization(0.01f);
        Tensor y = layer.Forward(Tensor.FromArray(x, 2, 7), Inference);
        double[] ones = [.. Enumerable.Repeat(1.0, 7)];
        Close(ReferenceOperations.LayerNorm(new ReferenceTensor([2, 7], Doubles(x)), ones, new double[7], 0.01f).Values, y.ToArray());
        Assert.Equal(["gamma", "beta"], layer.Parameters.Select(p => p.Name));
        Assert.Equal(1e-3f, new LayerNormalization().Epsilon);
        Assert.Throws<ArgumentOutOfRangeException>(() => new LayerNormalization(0));
    }

    [Fact]
    public void ActivationLayer_applies_its_activation_and_hands_it_to_the_loss()
    {
        var layer = new ActivationLayer("hard_sigmoid");
        Tensor x = Tensor.FromArray([-4f, 0f, 1.5f, 9f], 1, 4);
        Assert.Equal([0f, 0.5f, 0.75f, 1f], layer.Forward(x, Inference).ToArray());
        Assert.Equal(x.ToArray(), layer.ForwardBeforeActivation(x, Inference).ToArray());
        Assert.Same(Activation.HardSigmoid, layer.FinalActivation);
    }

    [Fact]
    public void Flatten_joins_all_axes_but_the_batch_with_zeros_for_padding()
    {
        var flatten = new Flatten();
        Tensor x = Tensor.FromArray([1, 2, 3, 4, 5, 6, 7, 8], 2, 2, 2).WithLengths([1, 2]);
        Tensor y = flatten.Forward(x, Inference);
        Assert.Equal(new Shape(2, 4), y.Shape);
        Assert.Equal([1, 2, 0, 0, 5, 6, 7, 8], y.ToArray());
        Assert.Equal(new Shape(Shape.Unknown, 12), new Flatten().OutputShapeOf(new Shape(Shape.Unknown, 4, 3)));
    }

    [Fact]
    public void Configurations_make_equal_layers()
    {
        Layer[] layers =
        [
            new Dense(3, "gelu", false, new HeNormal(), new Ones()), new Embedding(9, 4, 2, new RandomNormal()), new Embedding(9, 4),
            new ActivationLayer(Activation.Mish), new Dropout(0.3f), new LayerNormalization(2e-4f), new Flatten(),
        ];
        foreach (Layer layer in layers)
        {
            var configuration = new JsonObject();
            layer.WriteConfiguration(configuration);
            string text = configuration.ToJsonString();
            Layer made = LayerCatalogue.Make(layer.Kind, JsonNode.Parse(text)!.AsObject());
            Assert.IsType(layer.GetType(), made);
            var again = new JsonObject();
            made.WriteConfiguration(again);
            Assert.Equal(text, again.ToJsonString());
        }
        var dense = (Dense)LayerCatalogue.Make("dense", Written(layers[0]));
        Assert.Equal((3, Activation.Gelu, false, "he_normal", "ones"), (dense.Units, dense.Activation, dense.UseBias, dense.KernelInitializer.Name, dense.BiasInitializer.Name));
        var embedding = (Embedding)LayerCatalogue.Make("embedding", Written(layers[1]));
        Assert.Equal((9, 4, (int?)2, "random_normal"), (embedding.Vocabulary, embedding.Units, embedding.PaddingIndex, embedding.Initializer.Name));
        Assert.Null(((Embedding)LayerCatalogue.Make("embedding", Written(layers[2]))).PaddingIndex);
        Assert.Equal(0.3f, ((Dropout)LayerCatalogue.Make("dropout", Written(layers[4]))).Rate);
        Assert.Equal(2e-4f, ((LayerNormalization)LayerCatalogue.Make("layer_normalization", Written(layers[5]))).Epsilon);
    }

    [Theory]
    [InlineData("dropout", "{}", "Layer kind 'dropout': the setting 'rate' is missing; expected a number.")]
    [InlineData("dropout", """{"rate":"much"}""", "Layer kind 'dropout': the setting 'rate' is \"much\"; expected a number.")]
    [InlineData("dropout", """{"rate":2}""", "Layer kind 'dropout': Dropout: expected a rate in [0, 1), received 2.")]
    [InlineData("activation", """{"activation":null}""", "the setting 'activation' is null; expected a text.")]
    [InlineData("activation", """{"activation":"tahn"}""", "Layer kind 'activation': Activation 'tahn' is not known")]
    [InlineData("embedding", """{"vocabulary":3.5}""", "the setting 'vocabulary' is 3.5; expected a whole number.")]
    [InlineData("flaten", "{}", "Layer kind 'flaten' is not known; expected one of:")]
    public void A_wrong_configuration_is_refused_with_the_setting(string kind, string configuration, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => LayerCatalogue.Make(kind, JsonNode.Parse(configuration)!.AsObject())).Message, StringComparison.Ordinal);

    private static JsonObject Written(Layer layer)
    {
        var configuration = new JsonObject();
        layer.WriteConfiguration(configuration);
        return configuration;
    }

    private static double[] Doubles(float[] values) => Array.ConvertAll(values, v => (double)v);

    private static void Close(double[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], found[i], 1e-6);
    }
}

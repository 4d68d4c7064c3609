using Unroll.Files;
using Unroll.Inference;
using Unroll.Interop;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Reference;
using Unroll.Tests.Support;

namespace Unroll.Tests.Interop;

/// <summary>Checkpoints in Hugging Face's form against the encoder computed in double precision from the same tensors.</summary>
public sealed class BertCheckpointTests
{
    private static readonly int[][] s_ids = [[2, 7, 1, 12, 3], [2, 0, 3], [2, 5, 4, 6, 8, 9, 10, 11, 3]];
    private static readonly int[][] s_segments = [[0, 0, 1, 1, 1], [0, 0, 0], [0, 0, 0, 0, 0, 1, 1, 1, 1]];

    public static TheoryData<string> Forms => ["prefixed", "plain", "older"];

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_checkpoint_gives_what_its_tensors_give_in_double_precision(string form)
    {
        using var folder = new TemporaryFolder();
        string path = BertFile.Write(folder, BertFile.Tensors(), name => form switch
        {
            "prefixed" => BertFile.Prefixed(name),
            "plain" => name,
            _ => BertFile.Prefixed(name).Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal),
        });
        var bert = new BertEncoder(BertFile.Options);
        Model model = bert.With([bert.Sequence, bert.Pooled, bert.MaskedLanguage(), bert.NextSentence()], seed: 4);
        BertLoading loading = BertCheckpoint.Load(path, model);
        Assert.Equal(model.Parameters.Count, loading.Loaded.Count);
        Assert.Empty(loading.Left);
        Assert.Equal("embeddings.position_ids", loading.Ignored.Single().Replace("bert.", "", StringComparison.Ordinal));

        ReferenceBert reference = Reference();
        Tensor[] found = model.Predict([Tensor.FromTokens(s_ids), Tensor.FromTokens(s_segments)]);
        float[] sequence = found[0].ToArray(), pooled = found[1].ToArray(), masked = found[2].ToArray(), next = found[3].ToArray();
        for (int b = 0; b < s_ids.Length; b++)
        {
            double[][] expected = reference.Sequence(s_ids[b], s_segments[b]);
            double[] expectedPooled = reference.Pooled(expected);
            for (int t = 0; t < BertFile.Positions; t++)
            {
                Near(t < expected.Length ? expected[t] : new double[BertFile.Hidden], sequence, (b * BertFile.Positions + t) * BertFile.Hidden);
                Near(t < expected.Length ? reference.MaskedLanguage(expected[t]) : new double[BertFile.Vocabulary], masked, (b * BertFile.Positions + t) * BertFile.Vocabulary);
            }
            Near(expectedPooled, pooled, b * BertFile.Hidden);
            Near(reference.NextSentence(expectedPooled), next, b * 2);
        }
    }

    [Fact]
    public void Without_segments_all_tokens_lie_in_segment_0_and_a_model_takes_only_the_heads_it_has()
    {
        using var folder = new TemporaryFolder();
        string path = BertFile.Write(folder, BertFile.Tensors(), BertFile.Prefixed);
        Model model = new BertEncoder(BertFile.Options, withSegments: false).ToModel();
        BertLoading loading = BertCheckpoint.Load(path, model);
        Assert.Equal(8, loading.Ignored.Count);
        ReferenceBert reference = Reference();
        double[][] expected = reference.Sequence(s_ids[0], new int[5]);
        Tensor[] found = model.Predict([Tensor.FromTokens(s_ids[..1])]);
        Near([.. expected.SelectMany(row => row)], found[0].ToArray(), 0);
        Near(reference.Pooled(expected), found[1].ToArray(), 0);

        // Neither a pooler in the model nor a head in the file is asked for.
        string bare = BertFile.Write(folder, BertFile.Tensors(), name => name.StartsWith("cls.", StringComparison.Ordinal) ? null : name);
        var other = new BertEncoder(BertFile.Options);
        BertLoading partly = BertCheckpoint.Load(bare, other.With([other.MaskedLanguage()]));
        Assert.Equal(["masked_language_transform/kernel", "masked_language_transform/bias", "masked_language_norm/gamma", "masked_language_norm/beta", "masked_language/bias"], partly.Left);
        Assert.Equal(["embeddings.position_ids", "pooler.dense.bias", "pooler.dense.weight"], partly.Ignored);
    }

    [Fact]
    public void A_loaded_encoder_is_saved_copied_and_taken_over_to_another_head()
    {
        using var folder = new TemporaryFolder();
        Model model = new BertEncoder(BertFile.Options).ToModel();
        BertCheckpoint.Load(BertFile.Write(folder, BertFile.Tensors(), BertFile.Prefixed), model);
        Tensor[] inputs = [Tensor.FromTokens(s_ids), Tensor.FromTokens(s_segments)];
        float[] expected = model.Predict(inputs)[1].ToArray();
        model.Save(folder["saved.safetensors"]);
        Assert.Equal(expected, Model.Load(folder["saved.safetensors"]).Predict(inputs)[1].ToArray());
        Assert.Equal(expected, model.Copy().Predict(inputs)[1].ToArray());
        var bert = new BertEncoder(BertFile.Options);
        Model other = bert.With([new Unroll.Layers.Dense(3, name: "classifier").Of(bert.Pooled), bert.Pooled]);
        Assert.Equal(["classifier/kernel", "classifier/bias"], WeightTransfer.Run(model, other).Left.Order(StringComparer.Ordinal).Reverse());
        Assert.Equal(expected, other.Predict(inputs)[1].ToArray());
    }

    [Fact]
    public void A_tensor_that_is_missing_left_over_or_of_another_shape_is_named_and_nothing_changes()
    {
        using var folder = new TemporaryFolder();
        Model model = new BertEncoder(BertFile.Options).ToModel();
        float[] before = model.Parameters[^1].ToArray(), first = model.Parameters[0].ToArray();
        string Refused(Action<SortedDictionary<string, (int[] Shape, float[] Values)>> change)
        {
            SortedDictionary<string, (int[] Shape, float[] Values)> tensors = BertFile.Tensors();
            change(tensors);
            string path = BertFile.Write(folder, tensors, BertFile.Prefixed);
            return Assert.Throws<ModelFileException>(() => BertCheckpoint.Load(path, model)).Message;
        }
        string missing = Refused(tensors => tensors.Remove("encoder.layer.1.intermediate.dense.weight"));
        Assert.Contains("expected the tensor 'bert.encoder.layer.1.intermediate.dense.weight' [20, 12]", missing, StringComparison.Ordinal);
        Assert.Contains("none of that name", missing, StringComparison.Ordinal);
        string leftOver = Refused(tensors => tensors.Add("encoder.layer.2.output.dense.bias", ([12], new float[12])));
        Assert.Contains("found 'bert.encoder.layer.2.output.dense.bias' [12] left over", leftOver, StringComparison.Ordinal);
        string shape = Refused(tensors => tensors["encoder.layer.0.output.dense.weight"] = ([20, 12], new float[240]));
        Assert.Contains("'bert.encoder.layer.0.output.dense.weight' of [12, 20]", shape, StringComparison.Ordinal);
        Assert.Contains("found [20, 12]", shape, StringComparison.Ordinal);
        Assert.Equal(before, model.Parameters[^1].ToArray());
        Assert.Equal(first, model.Parameters[0].ToArray());
    }

    [Fact]
    public void A_configuration_gives_the_sizes()
    {
        using var folder = new TemporaryFolder();
        BertOptions options = BertCheckpoint.ReadOptions(folder.Write("config.json", """
            {"architectures": ["BertForMaskedLM"], "model_type": "bert", "vocab_size": 13, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3,
             "intermediate_size": 20, "max_position_embeddings": 9, "type_vocab_size": 4, "hidden_act": "gelu_new", "hidden_dropout_prob": 0.25, "layer_norm_eps": 1e-12}
            """));
        Assert.Equal(BertFile.Options with { Segments = 4, Activation = Activation.GeluTanh, Dropout = 0.25f }, options);
        Assert.Equal(new BertOptions(), BertCheckpoint.ReadOptions(folder.Write("config.json", "{}")));
        foreach ((string text, string named) in new[]
        {
            ("""{"hidden_size": 10, "num_attention_heads": 3}""", "Heads"), ("""{"hidden_size": "x"}""", "'hidden_size'"), ("""{"model_type": "roberta"}""", "'roberta'"), ("""{"hidden_act": "sin"}""", "'sin'"), ("[]", "JSON object"),
        })
        {
            Assert.Contains(named, Assert.Throws<ModelFileException>(() => BertCheckpoint.ReadOptions(folder.Write("config.json", text))).Message, StringComparison.Ordinal);
        }
        Assert.Throws<ModelFileException>(() => BertCheckpoint.ReadOptions(folder["none.json"]));
    }

    private static ReferenceBert Reference() =>
        new(BertFile.Tensors().ToDictionary(pair => pair.Key, pair => pair.Value.Values.Select(x => (double)x).ToArray()), BertFile.Hidden, BertFile.Layers, BertFile.Heads);

    private static void Near(double[] expected, float[] found, int offset)
    {
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], found[offset + i], 1e-5);
    }
}

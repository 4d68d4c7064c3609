using Unroll.Basics;
using Unroll.Data;
using Unroll.Files;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Training;

namespace Unroll.Tests.Models;

/// <summary>Functional models as files, good and hostile; and models made from parts of others.</summary>
public sealed class ModelGraphFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_saved_model_comes_back_to_the_same_bits_and_bytes()
    {
        Model model = Made();
        model.Extras["note"] = "kept";
        model.Save(_path);
        byte[] bytes = File.ReadAllBytes(_path);
        Model loaded = Model.Load(_path);
        Assert.Equal(model.Predict(Data()).Select(t => t.ToArray()), loaded.Predict(Data()).Select(t => t.ToArray()));
        Assert.Equal(model.Summary(), loaded.Summary());
        Assert.Equal([.. model.InputNames, .. model.OutputNames], [.. loaded.InputNames, .. loaded.OutputNames]);
        Assert.Equal("kept", (string?)loaded.Extras["note"]);
        loaded.Compile(new Adam(0.01f), Settings());
        loaded.Save(_path);
        Assert.Equal(bytes, File.ReadAllBytes(_path));
        Made().Save(_path);
        Assert.NotEqual(bytes, File.ReadAllBytes(_path)); // without the note
        Assert.Equal(model.GetType(), Network.Load(_path).GetType());
    }

    [Fact]
    public void A_loaded_model_is_judged_as_it_was_compiled()
    {
        Model model = Made();
        var data = new Dataset(Data(), [Tensor.FromArray([0f, 2f, 1f], 3), Tensor.FromArray(RecurrentData.Numbers(3, 8, 1), 3, 1)]);
        Evaluation expected = model.Evaluate(data);
        model.Save(_path);
        Assert.Equal(expected.Values, Model.Load(_path).Evaluate(data).Values);
    }

    [Fact]
    public void The_other_kind_of_model_is_named()
    {
        Made().Save(_path);
        Assert.Contains("expected a Sequential, found a Model. Read it with Model.Load", Assert.Throws<ModelFileException>(() => Sequential.Load(_path)).Message, StringComparison.Ordinal);
        new Sequential(new Shape(-1, 2)) { new Dense(1) }.Save(_path);
        Assert.Contains("expected a Model, found a Sequential", Assert.Throws<ModelFileException>(() => Model.Load(_path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""["gru",0,0]""", """["gruu",0,0]""", "'concatenate' computes from 'gruu', which is neither an input nor a layer")]
    [InlineData("""["gru",0,0]""", """["concatenate",0,0]""", "'concatenate' computes from call 0 of 'concatenate', which is not computed before it: the graph has a cycle")]
    [InlineData("""["gru",0,0]""", """["shares",0,0]""", "call 0 of 'shares', which is not computed before it: the graph has a cycle")]
    [InlineData("""["gru",0,0]""", """["gru",1,0]""", "call 1 of 'gru', which is not computed before it")]
    [InlineData("""["gru",0,0]""", """["gru",0,2]""", "computes from output 2 of call 0 of 'gru', which does not exist")]
    [InlineData("""["gru",0,0]""", """["gru",-1,0]""", "computes from output 0 of call -1 of 'gru', which does not exist")]
    [InlineData("""["gru",0,0]""", """["gru",0]""", "expected [name, call, output]")]
    [InlineData("""["gru",0,0]""", """[null,0,0]""", "expected [name, call, output]")]
    [InlineData("""["gru",0,0]""", """["words",0,0]""", "Concatenate 'concatenate': expected inputs [batch, …, features] with a known feature count, found [?, ?]")]
    [InlineData("""{"name":"length","shape":[-1,2]}""", """{"name":"size","shape":[-1,2]}""", "'side' computes from 'length', which is neither")]
    [InlineData(""","shape":[-1,2]}""", ""","shape":[-1,3]}""", "expected input [?, 2]")]
    [InlineData(""""layer":"concatenate"""", """"layer":"concat"""", "a call names the layer 'concat'; there are")]
    [InlineData(""""name":"shares"""", """"name":"gru"""", "two layers are named 'gru'")]
    [InlineData(""""name":"words"""", """"name":"gru"""", "two inputs or layers are named 'gru'")]
    public void A_hostile_graph_is_refused_by_name(string from, string to, string message)
    {
        Made().Save(_path);
        Dictionary<string, string> metadata;
        var tensors = new List<SafetensorsTensor>();
        using (SafetensorsFile file = SafetensorsFile.Open(_path))
        {
            metadata = new Dictionary<string, string>(file.Metadata);
            foreach (TensorInfo info in file.Tensors) tensors.Add(SafetensorsTensor.Floats(info.Name, [.. info.Shape.Select(axis => (int)axis)], file.ReadFloats(info.Name)));
        }
        Assert.Contains(from, metadata["model"], StringComparison.Ordinal);
        int place = metadata["model"].IndexOf(from, StringComparison.Ordinal);
        metadata["model"] = metadata["model"][..place] + to + metadata["model"][(place + from.Length)..];
        SafetensorsWriter.Write(_path, tensors, metadata);
        string found = Assert.Throws<ModelFileException>(() => Model.Load(_path)).Message;
        Assert.True(found.Contains(message, StringComparison.Ordinal) || (message.StartsWith("expected input", StringComparison.Ordinal) && found.Contains("[?, 3]", StringComparison.Ordinal)), found);
    }

    [Fact]
    public void Shared_layers_stay_shared_in_a_file()
    {
        LayerOutput a = Input.Of(new Shape(-1, 2)), b = Input.Of(new Shape(-1, 2));
        var shared = new Dense(2, "tanh");
        LayerOutput once = shared.Of(b);
        var model = new Model([a, b], [new Concatenate().Of(once, shared.Of(shared.Of(a)))], seed: 2);
        model.Save(_path);
        Model loaded = Model.Load(_path);
        Assert.Equal(["dense/kernel", "dense/bias"], loaded.Parameters.Select(p => p.Name));
        Tensor[] data = [Tensor.FromArray([1f, -2f], 1, 2), Tensor.FromArray([0.3f, 5f], 1, 2)];
        Assert.Equal(model.Predict(data)[0].ToArray(), loaded.Predict(data)[0].ToArray());
        Assert.Equal(model.Summary(), loaded.Summary());
    }

    [Fact]
    public void A_copy_has_weights_of_its_own()
    {
        Model model = Made(), copy = model.Copy();
        Assert.Equal(model.Predict(Data()).Select(t => t.ToArray()), copy.Predict(Data()).Select(t => t.ToArray()));
        copy.Parameters[0].Set(new float[copy.Parameters[0].Count]);
        Assert.NotEqual(new float[copy.Parameters[0].Count], model.Parameters[0].ToArray());
        Assert.Throws<InvalidOperationException>(() => new Sequential { new Dense(2) }.Copy());
    }

    [Fact]
    public void Layers_of_a_loaded_model_go_into_one_with_another_head()
    {
        var first = new Sequential(new Shape(-1, -1, 3), seed: 4) { new Bidirectional(new Lstm(3, returnSequences: true)), new Residual(new Gru(6, returnSequences: true)), new Gru(4), new Dense(3, "softmax") };
        first.Save(_path);
        Sequential loaded = Sequential.Load(_path);
        float[] before = loaded.Parameters[0].ToArray();
        var tuned = new Sequential(loaded.InputShape!.Value);
        foreach (Layer layer in loaded.Layers.SkipLast(1)) tuned.Add(layer.Copy());
        tuned.Add(new Dense(1));
        tuned.Layers[0].Trainable = false;
        Tensor x = Tensor.FromArray(RecurrentData.Numbers(36, 3, 1), 3, 4, 3);
        // The body gives what it gave.
        var body = new Sequential(loaded.InputShape!.Value);
        foreach (Layer layer in loaded.Layers.SkipLast(1)) body.Add(layer);
        Assert.Equal(tuned.Layers[^1].Forward(body.Predict(x), new Autograd.Pass(new Autograd.Tape(false))).ToArray(), tuned.Predict(x).ToArray());
        tuned.Compile(new Adam(0.05f), Loss.MeanSquaredError());
        tuned.Fit((x, Tensor.FromArray([1f, 2f, 3f], 3, 1)), epochs: 3);
        Assert.Equal(before, tuned.Parameters[0].ToArray());
        Assert.Equal(first.Parameters.SelectMany(p => p.ToArray()), loaded.Parameters.SelectMany(p => p.ToArray()));
        Assert.NotEqual(loaded.Layers[2].Parameters[0].ToArray(), tuned.Layers[2].Parameters[0].ToArray());
        tuned.Save(_path);
        Assert.Equal(tuned.Predict(x).ToArray(), Sequential.Load(_path).Predict(x).ToArray());
    }

    [Fact]
    public void A_loaded_graph_grows_another_head()
    {
        Made().Save(_path);
        Model loaded = Model.Load(_path);
        LayerOutput state = loaded.OutputOf("gru");
        var tuned = new Model([loaded.Inputs[0]], [new Dense(2, name: "head").Of(state)]);
        Assert.Same(loaded.Parameters[0], tuned.Parameters[0]);
        Assert.Equal(["embedding/embeddings", "gru/kernel"], tuned.Parameters.Take(2).Select(p => p.Name));
        Assert.Equal(new Shape(3, 2), tuned.Predict(Data()[0]).Shape);
    }

    /// <summary>Words and a pair of numbers in; shares of three classes and a number out.</summary>
    private static Model Made()
    {
        LayerOutput words = Input.Of(new Shape(-1, -1), "words"), length = Input.Of(new Shape(-1, 2), "length");
        LayerOutput joined = new Concatenate().Of(new Gru(4).Of(new Embedding(9, 3).Of(words)), new Sequential(seed: 3, name: "side") { new Dense(3, "tanh"), new Dense(2) }.Of(length));
        var model = new Model([words, length], [new Dense(3, "softmax", name: "shares").Of(joined), new Dense(1).Of(joined)], seed: 6);
        model.Compile(new Adam(0.01f), Settings());
        return model;
    }

    private static Dictionary<string, OutputSettings> Settings() => new()
    {
        ["dense"] = new OutputSettings(Loss.Huber(0.2f)) { Weight = 0.25f },
        ["shares"] = new OutputSettings(Loss.SparseCategoricalCrossEntropy(), Metric.Accuracy()),
    };

    private static Tensor[] Data() => [Tensor.FromTokens([[1, 5, 3], [2], []]), Tensor.FromArray(RecurrentData.Numbers(6, 3, 1), 3, 2)];
}

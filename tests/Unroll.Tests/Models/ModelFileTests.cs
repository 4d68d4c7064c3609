using System.Text.Json.Nodes;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Files;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;
using Unroll.Tests.Training;
using Unroll.Training;

namespace Unroll.Tests.Models;

public sealed class ModelFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_path);

    private static Sequential Trained()
    {
        Sequential model = TrainingData.Compiled();
        model.Fit(TrainingData.Classes(20), epochs: 2);
        model.Layers[0].Trainable = false;
        model.Extras["scale"] = 2.5;
        return model;
    }

    [Fact]
    public void A_loaded_model_answers_and_is_judged_as_the_saved_one()
    {
        Sequential model = Trained();
        model.Save(_path);
        Sequential loaded = Sequential.Load(_path);
        Dataset data = TrainingData.Classes(9, 1.3);
        Assert.Equal(model.Predict(data.Inputs).ToArray(), loaded.Predict(data.Inputs).ToArray());
        Assert.Equal(model.Evaluate(data).ToString(), loaded.Evaluate(data).ToString());
        Assert.Equal(model.Summary(), loaded.Summary());
        Assert.False(loaded.Layers[0].Trainable);
        Assert.Equal(2.5, (double)loaded.Extras["scale"]!);
        Assert.Contains("has no optimizer", Assert.Throws<InvalidOperationException>(() => loaded.Fit(data)).Message, StringComparison.Ordinal);
        Assert.Equal(model.Parameters[0].ToArray(), SafetensorsFile.Open(File.ReadAllBytes(_path), "copy").ReadFloats("dense/kernel"));
    }

    [Fact]
    public void Nothing_of_machine_or_moment_is_in_the_file()
    {
        Trained().Save(_path);
        string text = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(_path));
        Assert.DoesNotContain(Environment.MachineName, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetTempPath(), text, StringComparison.Ordinal);
        Assert.DoesNotContain(DateTime.UtcNow.Year.ToString(System.Globalization.CultureInfo.InvariantCulture) + "-", text, StringComparison.Ordinal);
    }

    /// <summary>The saved model with something changed.</summary>
    private string MessageAfter(Action<List<SafetensorsTensor>, Dictionary<string, string>> change)
    {
        Trained().Save(_path);
        var tensors = new List<SafetensorsTensor>();
        Dictionary<string, string> metadata;
        using (SafetensorsFile file = SafetensorsFile.Open(_path))
        {
            foreach (TensorInfo info in file.Tensors)
                tensors.Add(SafetensorsTensor.Floats(info.Name, [.. info.Shape.Select(axis => (int)axis)], file.ReadFloats(info.Name)));
            metadata = new Dictionary<string, string>(file.Metadata);
        }
        change(tensors, metadata);
        SafetensorsWriter.Write(_path, tensors, metadata);
        ModelFileException error = Assert.Throws<ModelFileException>(() => Sequential.Load(_path));
        Assert.Contains(_path, error.Message, StringComparison.Ordinal);
        return error.Message;
    }

    [Fact]
    public void Tensors_missing_left_over_or_of_another_shape_are_named()
    {
        Assert.Contains("expected the tensor 'dense/bias' [8], found none", MessageAfter((tensors, _) => tensors.RemoveAll(tensor => tensor.Name == "dense/bias")), StringComparison.Ordinal);
        Assert.Contains("the tensor 'dense_7/bias' belongs to no layer", MessageAfter((tensors, _) => tensors.Add(SafetensorsTensor.Floats("dense_7/bias", [1], new float[1]))), StringComparison.Ordinal);
        Assert.Contains("expected the tensor 'dense/kernel' of [4, 8], found [8, 4]", MessageAfter((tensors, _) =>
            tensors[tensors.FindIndex(tensor => tensor.Name == "dense/kernel")] = SafetensorsTensor.Floats("dense/kernel", [8, 4], new float[32])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_description_that_cannot_be_used_is_refused()
    {
        string Changed(string from, string to) => MessageAfter((_, metadata) => metadata["model"] = metadata["model"].Replace(from, to, StringComparison.Ordinal));
        Assert.Contains("Layer kind 'dance' is not known", Changed("\"kind\":\"dense\"", "\"kind\":\"dance\""), StringComparison.Ordinal);
        Assert.Contains("'layers' is missing", Changed("\"layers\"", "\"players\""), StringComparison.Ordinal);
        Assert.Contains("cannot be used", Changed("\"seed\":5", "\"seed\":\"five\""), StringComparison.Ordinal);
        Assert.Contains("cannot be used", MessageAfter((_, metadata) => metadata["model"] = "{"), StringComparison.Ordinal);
        Assert.Contains("expected format version 1, found '2'", MessageAfter((_, metadata) => metadata["format_version"] = "2"), StringComparison.Ordinal);
        Assert.Contains("found no format", MessageAfter((_, metadata) => metadata.Clear()), StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_alone_go_into_a_model_of_the_same_layers()
    {
        Sequential model = Trained(), other = TrainingData.Classifier(seed: 77);
        other.Build(new Shape(-1, 4));
        model.SaveWeights(_path);
        other.LoadWeights(_path);
        Assert.Equal(model.Parameters[0].ToArray(), other.Parameters[0].ToArray());
        var narrow = new Sequential(new Shape(-1, 4)) { new Dense(8), new Dense(2) };
        float[] before = narrow.Parameters[0].ToArray();
        Assert.Contains("'dense_1/kernel' of [8, 2], found [8, 3]", Assert.Throws<ModelFileException>(() => narrow.LoadWeights(_path)).Message, StringComparison.Ordinal);
        Assert.Equal(before, narrow.Parameters[0].ToArray());
    }

    [Fact]
    public void An_unbuilt_model_cannot_be_saved()
    {
        Assert.Contains("call Build", Assert.Throws<InvalidOperationException>(() => TrainingData.Classifier().Save(_path)).Message, StringComparison.Ordinal);
    }
}

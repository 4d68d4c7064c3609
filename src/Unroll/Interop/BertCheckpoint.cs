using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Basics;
using Unroll.Files;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Interop;

/// <summary>
/// BERT's published weights in safetensors files, with the names of Hugging Face's transformers library
/// (<c>bert.encoder.layer.0.attention.self.query.weight</c>, with or without <c>bert.</c>), and the sizes in its config.json.
/// </summary>
public static class BertCheckpoint
{
    private const int LongestConfiguration = 1 << 24;

    /// <summary>The sizes in a config.json. What it leaves out is as in <see cref="BertOptions"/>.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">No such file, no JSON object, another kind of model, or a number out of range.</exception>
    public static BertOptions ReadOptions(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > LongestConfiguration) throw new InvalidDataException($"expected at most {LongestConfiguration} bytes, found {stream.Length}");
            JsonObject configuration = JsonNode.Parse(stream) as JsonObject ?? throw new InvalidDataException("expected a JSON object");
            Require(configuration, "model_type", "bert");
            Require(configuration, "position_embedding_type", "absolute");
            var standard = new BertOptions();
            var options = new BertOptions
            {
                Vocabulary = Setting(configuration, "vocab_size", standard.Vocabulary),
                HiddenUnits = Setting(configuration, "hidden_size", standard.HiddenUnits),
                Layers = Setting(configuration, "num_hidden_layers", standard.Layers),
                Heads = Setting(configuration, "num_attention_heads", standard.Heads),
                IntermediateUnits = Setting(configuration, "intermediate_size", standard.IntermediateUnits),
                MaximumPositions = Setting(configuration, "max_position_embeddings", standard.MaximumPositions),
                Segments = Setting(configuration, "type_vocab_size", standard.Segments),
                Dropout = Setting(configuration, "hidden_dropout_prob", standard.Dropout),
                Epsilon = Setting(configuration, "layer_norm_eps", standard.Epsilon),
                Activation = Setting(configuration, "hidden_act", "gelu") switch
                {
                    "gelu" => Activation.Gelu,
                    "gelu_new" or "gelu_pytorch_tanh" => Activation.GeluTanh,
                    "relu" => Activation.Relu,
                    "silu" or "swish" => Activation.Silu,
                    string other => throw new InvalidDataException($"expected gelu, gelu_new, relu or silu as 'hidden_act', found {QuotedText.Of(other)}"),
                },
            };
            options.Check();
            return options;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or InvalidDataException or JsonException or ArgumentException)
        {
            throw new ModelFileException($"'{path}': it cannot be read as the configuration of a BERT model: {cause.Message.TrimEnd('.')}. Check the path, and that the file belongs to a BERT checkpoint.", cause);
        }
    }

    /// <summary>
    /// Takes a checkpoint's weights into a model that was made from a <see cref="BertEncoder"/>. Heads (masked language, next sentence,
    /// classifier, answer spans) are taken where both have them. Nothing changes when the file is refused.
    /// </summary>
    /// <param name="path">The safetensors file.</param>
    /// <param name="model">Made with the checkpoint's sizes; see <see cref="ReadOptions"/>.</param>
    /// <exception cref="ArgumentException">A model without BERT's encoder.</exception>
    /// <exception cref="ModelFileException">No such file; or a tensor that is missing, left over or of another shape.</exception>
    public static BertLoading Load(string path, Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        string prefix = file.Names.Any(name => name.StartsWith("bert.", StringComparison.Ordinal)) ? "bert." : "";
        var taken = new List<(Parameter Parameter, string Name, string Tensor, bool IsTransposed)>();
        var left = new List<string>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < model.Parameters.Count; i++)
        {
            (Parameter parameter, string name) = (model.Parameters[i], model.ParameterNames[i]);
            if (BertTensorName.Of(name) is not { } place)
            {
                left.Add(name);
                continue;
            }
            string begin = place.IsOfHead ? "" : prefix;
            string tensor = begin + (place.OlderName is { } older && !file.Contains(begin + place.Name) && file.Contains(begin + older) ? older : place.Name);
            known.Add(tensor);
            if (file.TryGetInfo(tensor, out TensorInfo? info))
            {
                RequireShape(file, info, name, parameter.Shape, place.IsTransposed);
                taken.Add((parameter, name, tensor, place.IsTransposed));
            }
            else if (place.IsOfHead && !file.Names.Any(other => other.StartsWith(place.Head, StringComparison.Ordinal)))
            {
                left.Add(name);
            }
            else
            {
                throw new ModelFileException($"'{file.Name}': expected the tensor {QuotedText.Of(tensor)} {TensorInfo.Format(ShapeInFile(parameter.Shape, place.IsTransposed))} for '{name}', " +
                    $"found {file.Names.Count} tensors and none of that name. Make the model with the checkpoint's own config.json, or fetch the file again.");
            }
        }
        if (taken.Count == 0)
            throw new ArgumentException($"BertCheckpoint: expected a model that was made from a BertEncoder, found one with {string.Join(", ", model.Layers.Select(layer => layer.Title))}.", nameof(model));

        bool hasPooler = known.Contains(prefix + "pooler.dense.weight");
        var ignored = new List<string>();
        foreach (string name in file.Names)
        {
            if (known.Contains(name)) continue;
            if (!BertTensorName.MayBeIgnored(name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name, hasPooler))
                throw new ModelFileException($"'{file.Name}': expected tensors of the model's {taken.Count + left.Count} parameters alone, " +
                    $"found {QuotedText.Of(name)} {TensorInfo.Format(file.Info(name).Shape)} left over. Make the model with the checkpoint's own config.json.");
            ignored.Add(name);
        }

        // Read all before changing any: a read can still fail.
        float[][] values = [.. taken.Select(one => one.IsTransposed ? Transposed(file.ReadFloats(one.Tensor), one.Parameter.Shape) : file.ReadFloats(one.Tensor))];
        for (int i = 0; i < values.Length; i++) taken[i].Parameter.Set(values[i]);
        return new BertLoading([.. taken.Select(one => one.Name)], left, ignored);
    }

    private static void RequireShape(SafetensorsFile file, TensorInfo info, string name, Shape shape, bool isTransposed)
    {
        long[] expected = ShapeInFile(shape, isTransposed);
        if (!info.Shape.SequenceEqual(expected))
            throw new ModelFileException($"'{file.Name}': expected the tensor {QuotedText.Of(info.Name)} of {TensorInfo.Format(expected)} for '{name}', found {TensorInfo.Format(info.Shape)}. " +
                "Make the model with the checkpoint's own config.json.");
    }

    private static long[] ShapeInFile(Shape shape, bool isTransposed)
    {
        var axes = new long[shape.Rank];
        for (int i = 0; i < axes.Length; i++) axes[i] = shape[isTransposed ? axes.Length - 1 - i : i];
        return axes;
    }

    /// <summary>A matrix [outputs, inputs] as a kernel [inputs, outputs].</summary>
    private static float[] Transposed(float[] matrix, Shape shape)
    {
        int inputs = shape[0], outputs = shape[1];
        var kernel = new float[matrix.Length];
        for (int i = 0; i < inputs; i++)
            for (int o = 0; o < outputs; o++) kernel[i * outputs + o] = matrix[o * inputs + i];
        return kernel;
    }

    private static T Setting<T>(JsonObject configuration, string name, T standard)
    {
        if (configuration[name] is not { } node) return standard;
        return node is JsonValue value && value.TryGetValue(out T? read) ? read
            : throw new InvalidDataException($"expected a {(standard is int ? "whole number" : standard is float ? "number" : "text")} as '{name}', found {QuotedText.Of(node.ToJsonString())}");
    }

    private static void Require(JsonObject configuration, string name, string expected)
    {
        string found = Setting(configuration, name, expected);
        if (found != expected) throw new InvalidDataException($"expected '{expected}' as '{name}', found {QuotedText.Of(found)}");
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Basics;
using Unroll.Files;
using Unroll.Layers;
using Unroll.Text;

namespace Unroll.Models;

/// <summary>
/// A model as one safetensors file. Metadata: "format", "format_version", "library_version"; "model"
/// (<see cref="NetworkDescription"/>), "compile" (<see cref="CompileDescription"/>), "tokenizer" and "extras" as JSON text. No
/// time, host or path.
/// </summary>
internal static class ModelFile
{
    private const string Format = "unroll-model";
    private const string FormatVersion = "1";

    public static void Save(Network model, string path)
    {
        model.RequireBuilt("save");
        RequireFittingTokenizer(model);
        SafetensorsWriter.Write(path, [.. WeightFile.Tensors(model, "")], Metadata(model));
    }

    /// <summary>Reads a model of the kind that the caller wants.</summary>
    /// <exception cref="ModelFileException">Also where the file holds the other kind.</exception>
    public static TNetwork Load<TNetwork>(string path) where TNetwork : Network => Load(path) is var found && found is TNetwork wanted
        ? wanted
        : throw new ModelFileException($"'{path}': expected a {typeof(TNetwork).Name}, found a {found.GetType().Name}. Read it with {found.GetType().Name}.Load, or with Network.Load, which reads both.");

    public static Network Load(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue("format", out string? format) || format != Format)
            throw new ModelFileException($"'{file.Name}': expected a model of this library (metadata format '{Format}'), found {(format is null ? "no format" : QuotedText.Of(format))}. Weights of another library are read by Interop.");
        if (!file.Metadata.TryGetValue("format_version", out string? version) || version != FormatVersion)
            throw new ModelFileException($"'{file.Name}': expected format version {FormatVersion}, found {(version is null ? "none" : QuotedText.Of(version))}. The file was written by a newer version of this library; update it.");
        Network model;
        try
        {
            model = NetworkDescription.Read(Parse(file, "model"));
            if (file.Metadata.ContainsKey("extras")) model.Extras = Parse(file, "extras");
            if (file.Metadata.ContainsKey("tokenizer")) model.Tokenizer = TokenizerCatalogue.Make(Parse(file, "tokenizer"));
            RequireFittingTokenizer(model);
            if (file.Metadata.ContainsKey("compile")) model.Compiled = CompileDescription.Read(Parse(file, "compile"), model);
        }
        catch (Exception cause) when (cause is InvalidDataException or ArgumentException or InvalidOperationException or FormatException
            or JsonException or KeyNotFoundException or OverflowException)
        {
            throw new ModelFileException($"'{file.Name}': its description of the model cannot be used: {cause.Message}", cause);
        }
        WeightFile.Read(model, file, "");
        return model;
    }

    private static IEnumerable<KeyValuePair<string, string>> Metadata(Network model)
    {
        yield return new("format", Format);
        yield return new("format_version", FormatVersion);
        yield return new("library_version", typeof(Network).Assembly.GetName().Version?.ToString(3) ?? "");
        var description = new JsonObject();
        NetworkDescription.Write(model, description);
        yield return new("model", description.ToJsonString());
        if (model.Compiled is { } compiled) yield return new("compile", CompileDescription.Of(compiled).ToJsonString());
        if (model.Tokenizer is { } tokenizer) yield return new("tokenizer", TokenizerCatalogue.Describe(tokenizer).ToJsonString());
        if (model.Extras.Count > 0) yield return new("extras", model.Extras.ToJsonString());
    }

    /// <summary>
    /// Refuses ids that no row of the table is for. More rows than tokens are room to grow. Of several embeddings the largest
    /// counts, the others being for other inputs.
    /// </summary>
    private static void RequireFittingTokenizer(Network model)
    {
        if (model.Tokenizer is not { } tokenizer || model.Layers.OfType<Embedding>().MaxBy(layer => layer.Vocabulary) is not { } embedding) return;
        if (tokenizer.Vocabulary.Count > embedding.Vocabulary)
            throw new InvalidOperationException($"Model '{model.Name}': the tokenizer has {tokenizer.Vocabulary.Count} tokens, and the layer '{embedding.Name}' has rows for {embedding.Vocabulary}. Give the model the tokenizer that it was trained with, or an embedding with a row for every token.");
    }

    private static JsonObject Parse(SafetensorsFile file, string key) =>
        file.Metadata.TryGetValue(key, out string? text) && JsonNode.Parse(text) is JsonObject parsed
            ? parsed
            : throw new InvalidDataException($"expected a JSON object as metadata '{key}', found {(text is null ? "none" : "something else")}");
}

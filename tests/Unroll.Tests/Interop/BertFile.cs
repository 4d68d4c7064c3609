using Unroll.Files;
using Unroll.Models;
using Unroll.Tests.Contracts;
using Unroll.Tests.Support;

namespace Unroll.Tests.Interop;

/// <summary>A small checkpoint as Hugging Face's transformers library writes them, by that library's names and shapes, with numbers of a formula.</summary>
internal static class BertFile
{
    public const int Vocabulary = 13, Hidden = 12, Layers = 2, Heads = 3, Intermediate = 20, Positions = 9, Segments = 2;

    public static BertOptions Options { get; } = new()
    {
        Vocabulary = Vocabulary,
        HiddenUnits = Hidden,
        Layers = Layers,
        Heads = Heads,
        IntermediateUnits = Intermediate,
        MaximumPositions = Positions,
        Segments = Segments,
    };

    /// <summary>The tensors by name, without "bert.", with their shapes.</summary>
    public static SortedDictionary<string, (int[] Shape, float[] Values)> Tensors()
    {
        var tensors = new SortedDictionary<string, (int[], float[])>(StringComparer.Ordinal);
        void Add(string name, double scale, double centre, params int[] shape) => tensors.Add(name,
            (shape, [.. RecurrentData.Numbers(shape.Aggregate(1, (a, b) => a * b), tensors.Count + 1, scale).Select(x => (float)(centre + x))]));
        void Linear(string name, int inputs, int outputs)
        {
            Add(name + ".weight", 0.3, 0, outputs, inputs);
            Add(name + ".bias", 0.2, 0, outputs);
        }
        void Norm(string name)
        {
            Add(name + ".weight", 0.3, 1, Hidden);
            Add(name + ".bias", 0.2, 0, Hidden);
        }
        Add("embeddings.word_embeddings.weight", 1, 0, Vocabulary, Hidden);
        Add("embeddings.position_embeddings.weight", 0.7, 0, Positions, Hidden);
        Add("embeddings.token_type_embeddings.weight", 0.5, 0, Segments, Hidden);
        Norm("embeddings.LayerNorm");
        for (int l = 0; l < Layers; l++)
        {
            string layer = $"encoder.layer.{l}.";
            foreach (string part in new[] { "query", "key", "value" }) Linear(layer + "attention.self." + part, Hidden, Hidden);
            Linear(layer + "attention.output.dense", Hidden, Hidden);
            Norm(layer + "attention.output.LayerNorm");
            Linear(layer + "intermediate.dense", Hidden, Intermediate);
            Linear(layer + "output.dense", Intermediate, Hidden);
            Norm(layer + "output.LayerNorm");
        }
        Linear("pooler.dense", Hidden, Hidden);
        Linear("cls.predictions.transform.dense", Hidden, Hidden);
        Norm("cls.predictions.transform.LayerNorm");
        Add("cls.predictions.bias", 0.2, 0, Vocabulary);
        Linear("cls.seq_relationship", Hidden, 2);
        return tensors;
    }

    /// <summary>Writes them into a folder; <paramref name="rename"/> gives a tensor's name in the file, or null to leave it out.</summary>
    public static string Write(TemporaryFolder folder, SortedDictionary<string, (int[] Shape, float[] Values)> tensors, Func<string, string?> rename)
    {
        string path = folder["model.safetensors"];
        string places = rename("embeddings.position_ids") ?? "embeddings.position_ids";
        var written = new List<SafetensorsTensor> { SafetensorsTensor.Integers(places, [1, Positions], new long[Positions]) };
        foreach ((string name, (int[] shape, float[] values)) in tensors)
            if (rename(name) is { } other) written.Add(SafetensorsTensor.Floats(other, shape, values));
        SafetensorsWriter.Write(path, written);
        return path;
    }

    /// <summary>A name behind "bert." where it is the encoder's.</summary>
    public static string Prefixed(string name) => name.StartsWith("cls.", StringComparison.Ordinal) ? name : "bert." + name;
}

using System.Globalization;
using Unroll.Tensors;

namespace Unroll.Bench;

/// <summary>Reads a <c>.ts</c> file: a header of @ lines, then <c>channel:channel:…:label</c>, steps separated by commas.</summary>
internal static class ClassificationData
{
    /// <summary>Sequences [N, T, F] with their lengths, one-hot targets [N, K], and the class names in the header's order.</summary>
    public static (Tensor Inputs, Tensor Targets, string[] Classes) Read(string path)
    {
        var sequences = new List<float[,]>();
        var labels = new List<string>();
        string[] classes = [];
        bool data = false;
        foreach (string line in File.ReadLines(path))
        {
            if (line.Length == 0 || line[0] == '#') continue;
            if (line.StartsWith("@classLabel", StringComparison.OrdinalIgnoreCase)) classes = line.Trim().Split(' ')[2..];
            if (line[0] == '@')
            {
                data |= line.StartsWith("@data", StringComparison.OrdinalIgnoreCase);
                continue;
            }
            if (!data) continue;
            string[] parts = line.Trim().Split(':');
            float[][] channels = [.. parts[..^1].Select(part => part.Split(',').Select(cell => float.Parse(cell, CultureInfo.InvariantCulture)).ToArray())];
            var sequence = new float[channels[0].Length, channels.Length];
            for (int t = 0; t < channels[0].Length; t++)
                for (int c = 0; c < channels.Length; c++) sequence[t, c] = channels[c][t];
            sequences.Add(sequence);
            labels.Add(parts[^1]);
        }
        var targets = new float[labels.Count, classes.Length];
        for (int n = 0; n < labels.Count; n++) targets[n, Array.IndexOf(classes, labels[n])] = 1;
        return (Tensor.FromSequences(sequences), Tensor.FromArray(targets), classes);
    }
}

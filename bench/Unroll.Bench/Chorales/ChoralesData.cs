using System.Text.Json;
using Unroll.Data;
using Unroll.Tensors;

namespace Unroll.Bench.Chorales;

/// <summary>Reads the chorales: at each step the 88 keys of a piano, 1 where a note sounds, and as target the step that follows.</summary>
internal static class ChoralesData
{
    /// <summary>Keys of a piano, from MIDI pitch 21 to 108.</summary>
    public const int Keys = 88;

    private const int LowestPitch = 21;

    /// <summary>A part of the data: inputs [N, T, 88] and targets [N, T, 88], both with lengths.</summary>
    /// <param name="path">The JSON file: an object of parts, a part a list of pieces, a piece a list of steps, a step a list of pitches.</param>
    /// <param name="part">"train", "valid" or "test".</param>
    public static Dataset Read(string path, string part)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        var inputs = new List<float[,]>();
        var targets = new List<float[,]>();
        foreach (JsonElement piece in document.RootElement.GetProperty(part).EnumerateArray())
        {
            int steps = piece.GetArrayLength() - 1;
            float[,] x = new float[steps, Keys], y = new float[steps, Keys];
            int t = 0;
            foreach (JsonElement step in piece.EnumerateArray())
            {
                foreach (JsonElement pitch in step.EnumerateArray())
                {
                    int key = pitch.GetInt32() - LowestPitch;
                    if (t < steps) x[t, key] = 1;
                    if (t > 0) y[t - 1, key] = 1;
                }
                t++;
            }
            inputs.Add(x);
            targets.Add(y);
        }
        return new Dataset(Tensor.FromSequences(inputs), Tensor.FromSequences(targets));
    }
}

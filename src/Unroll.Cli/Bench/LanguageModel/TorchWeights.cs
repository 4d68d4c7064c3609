using Unroll.Files;
using Unroll.Tensors;

namespace Unroll.Cli.Bench.LanguageModel;

/// <summary>
/// Initial weights that PyTorch's form of the model wrote: its names and orders. Gates stand in the same order as here;
/// matrices are the transposes of ours, but for the embedding's table.
/// </summary>
internal static class TorchWeights
{
    /// <summary>Sets all of a model's parameters.</summary>
    /// <exception cref="ModelFileException">The file is no safetensors file, or lacks a tensor.</exception>
    /// <exception cref="InputException">A tensor has another shape.</exception>
    public static void Read(CharacterModel model, string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        IReadOnlyList<Parameter> parameters = model.Parameters;
        Set(parameters[0], file, "embedding.weight", transposed: false);
        int next = 1;
        for (int l = 0; l < model.Layers.Count; l++)
        {
            Set(parameters[next++], file, $"lstm.weight_ih_l{l}", transposed: true);
            Set(parameters[next++], file, $"lstm.weight_hh_l{l}", transposed: true);
            Set(parameters[next++], file, $"lstm.bias_ih_l{l}", transposed: false);
            Set(parameters[next++], file, $"lstm.bias_hh_l{l}", transposed: false);
        }
        Set(parameters[next++], file, "output.weight", transposed: true);
        Set(parameters[next], file, "output.bias", transposed: false);
    }

    private static void Set(Parameter parameter, SafetensorsFile file, string name, bool transposed)
    {
        long[] expected = new long[parameter.Shape.Rank];
        for (int i = 0; i < expected.Length; i++) expected[i] = parameter.Shape[transposed ? expected.Length - 1 - i : i];
        TensorInfo info = file.Info(name);
        if (!info.Shape.SequenceEqual(expected))
        {
            throw new InputException($"'{file.Name}', tensor '{name}': expected {TensorInfo.Format(expected)}, found {TensorInfo.Format(info.Shape)}. "
                + "The weights belong to another text, --units or --layers.");
        }
        float[] values = file.ReadFloats(name);
        parameter.Set(transposed ? Transposed(values, (int)expected[0], (int)expected[1]) : values);
    }

    private static float[] Transposed(float[] values, int rows, int columns)
    {
        var transposed = new float[values.Length];
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++) transposed[c * rows + r] = values[r * columns + c];
        return transposed;
    }
}

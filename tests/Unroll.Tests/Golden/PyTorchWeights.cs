using Unroll.Tensors;

namespace Unroll.Tests.Golden;

/// <summary>PyTorch's weights as ours: its matrices are [gates · units, inputs], and its gate orders (i f g o; r z n) are ours.</summary>
internal static class PyTorchWeights
{
    /// <summary>[rows, columns] to [columns, rows].</summary>
    public static float[] Transpose(float[] matrix, int rows, int columns)
    {
        var result = new float[matrix.Length];
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                result[c * rows + r] = matrix[r * columns + c];
        return result;
    }

    /// <summary>PyTorch's name of one of our parameters: <c>weight_ih_l0</c> and so on, <c>_reverse</c> for the backward direction.</summary>
    public static string NameOf(Parameter parameter, int layer)
    {
        string[] path = parameter.Name.Split('/');
        string kind = path[^1] switch
        {
            "kernel" => "weight_ih",
            "recurrent_kernel" => "weight_hh",
            "bias" => "bias_ih",
            "recurrent_bias" => "bias_hh",
            _ => throw new ArgumentException($"'{parameter.Name}' has no name in PyTorch."),
        };
        return $"{kind}_l{layer}{(path.Contains("backward") ? "_reverse" : "")}";
    }

    /// <summary>A PyTorch array in the order of <paramref name="parameter"/>.</summary>
    public static float[] Convert(Parameter parameter, float[] values) =>
        parameter.Shape.Rank == 2 ? Transpose(values, parameter.Shape[1], parameter.Shape[0]) : values;
}

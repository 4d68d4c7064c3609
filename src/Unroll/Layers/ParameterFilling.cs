using Unroll.Basics;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>First values of parameters.</summary>
internal static class ParameterFilling
{
    /// <summary>
    /// Sets a parameter's numbers as an initialiser says, from the stream of the seed, the layer's name (its kind where it
    /// has none) and the parameter's: a matrix's fan-in is its rows; a vector counts as one row.
    /// </summary>
    public static Parameter Filled(this Parameter parameter, Initializer initializer, Layer layer, ulong seed)
    {
        string owner = layer.Name.Length == 0 ? layer.Kind : layer.Name;
        var values = new float[parameter.Count];
        int columns = parameter.Shape.Features, rows = columns == 0 ? 0 : parameter.Count / columns;
        initializer.Fill(values, rows, columns, new RandomStream(seed, owner).Fork(parameter.Name));
        parameter.Set(values);
        return parameter;
    }
}

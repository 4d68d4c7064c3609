using Unroll.Basics;
using Unroll.Files;
using Unroll.Tensors;

namespace Unroll.Models;

/// <summary>A model's parameters as tensors of a safetensors file.</summary>
internal static class WeightFile
{
    private const string Format = "unroll-weights";

    public static void Save(Network model, string path)
    {
        model.RequireBuilt("save");
        SafetensorsWriter.Write(path, [.. Tensors(model, "")], [new("format", Format), new("format_version", "1")]);
    }

    public static void Load(Network model, string path)
    {
        model.RequireBuilt("replace");
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Read(model, file, "");
    }

    /// <summary>Every parameter, its name behind a prefix.</summary>
    public static IEnumerable<SafetensorsTensor> Tensors(Network model, string prefix)
    {
        for (int i = 0; i < model.Parameters.Count; i++)
        {
            Parameter parameter = model.Parameters[i];
            yield return SafetensorsTensor.Floats(prefix + model.ParameterNames[i], Axes(parameter.Shape), destination => parameter.ToArray().CopyTo(destination));
        }
    }

    /// <summary>Sets every parameter from the tensors behind a prefix, which must be exactly the model's.</summary>
    /// <exception cref="ModelFileException">A tensor is missing, left over or of another shape; no parameter was changed.</exception>
    public static void Read(Network model, SafetensorsFile file, string prefix)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < model.Parameters.Count; i++)
        {
            Parameter parameter = model.Parameters[i];
            string name = prefix + model.ParameterNames[i];
            wanted.Add(name);
            if (!file.TryGetInfo(name, out TensorInfo? info))
                throw new ModelFileException($"'{file.Name}': expected the tensor '{name}' {parameter.Shape}, found none of that name. The file belongs to another model.");
            if (!info.Shape.SequenceEqual(Axes(parameter.Shape).Select(axis => (long)axis)))
                throw new ModelFileException($"'{file.Name}': expected the tensor '{name}' of {parameter.Shape}, found {TensorInfo.Format(info.Shape)}. The file belongs to a model of other sizes.");
            if (info.DataType is TensorDataType.Int32 or TensorDataType.Int64 or TensorDataType.UInt8 or TensorDataType.Boolean)
                throw new ModelFileException($"'{file.Name}': expected the tensor '{name}' in floats, found {info.DataType}.");
        }
        foreach (string name in file.Names)
            if (name.StartsWith(prefix, StringComparison.Ordinal) && !wanted.Contains(name))
                throw new ModelFileException($"'{file.Name}': the tensor {QuotedText.Of(name)} belongs to no layer of the model; it has {string.Join(", ", model.Layers.Select(layer => layer.Title))}.");

        // Read all before changing any: a read can still fail.
        float[][] values = [.. model.ParameterNames.Select(name => file.ReadFloats(prefix + name))];
        for (int i = 0; i < values.Length; i++) model.Parameters[i].Set(values[i]);
    }

    private static int[] Axes(Shape shape)
    {
        var axes = new int[shape.Rank];
        for (int i = 0; i < axes.Length; i++) axes[i] = shape[i];
        return axes;
    }
}

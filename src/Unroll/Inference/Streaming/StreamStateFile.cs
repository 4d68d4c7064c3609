using Unroll.Basics;
using Unroll.Files;

namespace Unroll.Inference;

/// <summary>A stream's state as a safetensors file.</summary>
internal static class StreamStateFile
{
    private const string Format = "unroll-stream-state";

    public static void Save(RecurrentStage[] states, string path)
    {
        var tensors = new List<SafetensorsTensor>();
        foreach ((string name, int units, RecurrentStage stage, bool isCarry) in Entries(states))
            tensors.Add(SafetensorsTensor.Floats(name, [units], (isCarry ? stage.Carry : stage.Hidden).ToArray()));
        SafetensorsWriter.Write(path, tensors, [new("format", Format), new("format_version", "1")]);
    }

    /// <summary>The state in the order of <see cref="ModelStream.WriteState"/>.</summary>
    public static float[] Load(RecurrentStage[] states, string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault("format") != Format)
            throw new ModelFileException($"'{file.Name}': expected the state of a stream (format {Format}), found {(file.Metadata.TryGetValue("format", out string? found) ? QuotedText.Of(found) : "another kind of file")}.");
        var state = new List<float>();
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string name, int units, _, _) in Entries(states))
        {
            wanted.Add(name);
            if (!file.TryGetInfo(name, out TensorInfo? info))
                throw new ModelFileException($"'{file.Name}': expected the state '{name}' [{units}], found none of that name. The file belongs to another model.");
            if (!info.Shape.SequenceEqual([(long)units]))
                throw new ModelFileException($"'{file.Name}': expected the state '{name}' [{units}], found {TensorInfo.Format(info.Shape)}. The file belongs to a model of other sizes.");
            state.AddRange(file.ReadFloats(name));
        }
        if (file.Names.FirstOrDefault(name => !wanted.Contains(name)) is { } other)
            throw new ModelFileException($"'{file.Name}': the state {QuotedText.Of(other)} belongs to no layer of the model.");
        return [.. state];
    }

    private static IEnumerable<(string Name, int Units, RecurrentStage Stage, bool IsCarry)> Entries(RecurrentStage[] states)
    {
        foreach (RecurrentStage stage in states)
        {
            yield return (stage.Name + "/hidden", stage.Units, stage, false);
            if (stage.HasCarry) yield return (stage.Name + "/cell", stage.Units, stage, true);
        }
    }
}

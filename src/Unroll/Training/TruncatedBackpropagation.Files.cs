using System.Globalization;
using Unroll.Files;
using Unroll.Layers;
using Unroll.Models;

namespace Unroll.Training;

public sealed partial class TruncatedBackpropagation
{
    private const string Format = "unroll-truncated";
    private const string Weights = "weights/", OptimizerState = "optimizer/", Hidden = "hidden/", Cell = "cell/";

    /// <summary>
    /// Writes weights, optimiser, carried states and the number of updates to one safetensors file, between two calls: what
    /// <see cref="Load"/> needs to go on to the same bits.
    /// </summary>
    /// <param name="path">The file, replaced as a whole or not at all.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        List<SafetensorsTensor> tensors = [.. WeightFile.Tensors(_model, Weights)];
        foreach ((string name, float[] values) in _optimizer.SaveState(_model.Parameters))
            tensors.Add(SafetensorsTensor.Floats(OptimizerState + name, [values.Length], values));
        foreach ((object owner, int sequences, float[] hidden, float[] cell) in _states.Save())
        {
            string name = ((Layer)owner).Name;
            tensors.Add(SafetensorsTensor.Floats(Hidden + name, [sequences, hidden.Length / Math.Max(1, sequences)], hidden));
            if (cell.Length > 0) tensors.Add(SafetensorsTensor.Floats(Cell + name, [sequences, cell.Length / Math.Max(1, sequences)], cell));
        }
        SafetensorsWriter.Write(path, tensors, [new("format", Format), new("settings", Settings), new("updates", Updates.ToString(CultureInfo.InvariantCulture))]);
    }

    /// <summary>Takes up what <see cref="Save"/> wrote, with an equal model, optimiser and settings.</summary>
    /// <exception cref="ModelFileException">The file is no checkpoint of this training; the message says what differs.</exception>
    public void Load(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault("format") != Format || !long.TryParse(file.Metadata.GetValueOrDefault("updates"), NumberStyles.None, CultureInfo.InvariantCulture, out long updates))
            throw new ModelFileException($"'{path}': expected a checkpoint of truncated backpropagation (metadata format '{Format}'), found another file.");
        if (file.Metadata.GetValueOrDefault("settings") is var then && then != Settings)
            throw new ModelFileException($"'{path}': it was written with {then ?? "no settings"} and this training has {Settings}. Give the same.");
        WeightFile.Read(_model, file, Weights);
        try
        {
            _optimizer.LoadState(_model.Parameters, [.. TrainingCheckpoint.Behind(file, OptimizerState)]);
        }
        catch (ArgumentException cause)
        {
            throw new ModelFileException($"'{path}': the checkpoint cannot be resumed: {cause.Message}", cause);
        }
        Reset();
        Dictionary<string, Layer> layers = Everywhere(_model.Layers).ToDictionary(layer => layer.Name, StringComparer.Ordinal);
        foreach ((string name, float[] hidden) in TrainingCheckpoint.Behind(file, Hidden))
        {
            if (!layers.TryGetValue(name, out Layer? layer)) throw new ModelFileException($"'{path}': it has a state of layer {ModelFileException.Quote(name)}, which the model has not.");
            _batch = (int)file.Info(Hidden + name).Shape[0];
            _states.Load(layer, _batch, hidden, file.Contains(Cell + name) ? file.ReadFloats(Cell + name) : []);
        }
        Updates = updates;
    }

    private string Settings => string.Create(CultureInfo.InvariantCulture, $"{Steps} steps, a look back of {LookBack}, seed {_seed}");

    private static IEnumerable<Layer> Everywhere(IEnumerable<Layer> layers) =>
        layers.SelectMany(layer => layer is CompositeLayer composite ? Everywhere(composite.Layers).Prepend(layer) : [layer]);
}

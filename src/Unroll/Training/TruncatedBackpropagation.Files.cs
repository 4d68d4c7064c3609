using System.Globalization;
using Unroll.Files;
using Unroll.Layers;
using Unroll.Models;

namespace Unroll.Training;

public sealed partial class TruncatedBackpropagation
{
    private const string Format = "unroll-truncated";
    private const string Weights = "weights/", OptimizerState = "optimizer/", State = "state/";

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
        Dictionary<Layer, string> names = StateOwners().ToDictionary(owner => owner.Layer, owner => owner.Name);
        foreach ((object owner, int part, int sequences, float[] values) in _states.Save())
            tensors.Add(SafetensorsTensor.Floats(StateName(names[(Layer)owner], part), [sequences, values.Length / Math.Max(1, sequences)], values));
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
        int known = 0;
        foreach ((string name, Layer layer) in StateOwners())
        {
            for (int part = 0; file.Contains(StateName(name, part)); part++, known++)
            {
                _batch = (int)file.Info(StateName(name, part)).Shape[0];
                _states.Load(layer, _batch, file.ReadFloats(StateName(name, part)));
            }
        }
        int found = TrainingCheckpoint.Behind(file, State).Count();
        if (found != known) throw new ModelFileException($"'{path}': it has {found} tensors of carried states, of which {known} are of layers of this model. Give the same model.");
        Updates = updates;
    }

    private string Settings => string.Create(CultureInfo.InvariantCulture, $"{Steps} steps, a look back of {LookBack}, seed {_seed}");

    private static string StateName(string layer, int part) => string.Create(CultureInfo.InvariantCulture, $"{State}{layer}/{part}");

    /// <summary>The layers that may carry a state, those in others too, under names that are theirs alone.</summary>
    private IEnumerable<(string Name, Layer Layer)> StateOwners() => Owners("", _model.Layers);

    private static IEnumerable<(string Name, Layer Layer)> Owners(string prefix, IEnumerable<Layer> layers) => layers.SelectMany(layer => layer switch
    {
        CompositeLayer composite => Owners(prefix, composite.Layers),
        ModelLayer nested => Owners($"{prefix}{layer.Name}/", nested.Model.Layers),
        _ => [(prefix + layer.Name, layer)],
    });
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Files;
using Unroll.Models;
using Unroll.Optimizers;

namespace Unroll.Training;

/// <summary>
/// A training at rest between two steps, as one safetensors file: weights ("weights/…"), the optimiser's arrays
/// ("optimizer/…"), the callbacks' ("callbacks/0/…"), and as JSON the position, the sums of the epoch under way, the
/// history and the settings that must be the same on resuming. Written whole or not at all.
/// </summary>
internal sealed class TrainingCheckpoint(string path, Network model, Optimizer optimizer, BatchScore score, TrainingContext context,
    IReadOnlyList<Callback> callbacks, JsonObject settings)
{
    private const string Format = "unroll-checkpoint", FormatVersion = "1";
    private const string Weights = "weights/", OptimizerState = "optimizer/";

    /// <summary>Writes the file.</summary>
    /// <param name="epoch">Epochs done.</param>
    /// <param name="batch">Steps done of the next one.</param>
    /// <param name="scoreState">The epoch's sums, where they are not the score's present ones.</param>
    public void Save(int epoch, int batch, double[][]? scoreState)
    {
        List<SafetensorsTensor> tensors = [.. WeightFile.Tensors(model, Weights)];
        foreach ((string name, float[] values) in optimizer.SaveState(model.Parameters))
            tensors.Add(SafetensorsTensor.Floats(OptimizerState + name, [values.Length], values));
        var callbackStates = new JsonArray();
        for (int i = 0; i < callbacks.Count; i++)
        {
            var state = new CallbackState();
            callbacks[i].SaveState(state);
            var numbers = new JsonObject();
            foreach ((string name, double value) in state.Numbers) numbers[name] = Write(value);
            callbackStates.Add((JsonNode)numbers);
            foreach ((string name, float[] values) in state.Arrays)
                tensors.Add(SafetensorsTensor.Floats(CallbackPrefix(i) + name, [values.Length], values));
        }
        var sums = new JsonArray();
        foreach (double[] state in scoreState ?? score.SaveState()) sums.Add((JsonNode)Write(state));
        var history = new JsonArray();
        foreach (EpochResult result in context.History.Epochs) history.Add((JsonNode)Write(result));
        var description = new JsonObject
        {
            ["epoch"] = epoch,
            ["batch"] = batch,
            ["stop_reason"] = context.StopReason,
            ["sums"] = sums,
            ["history"] = history,
            ["callbacks"] = callbackStates,
            ["settings"] = settings.DeepClone(),
        };
        SafetensorsWriter.Write(path, tensors,
            [new("format", Format), new("format_version", FormatVersion), new("checkpoint", description.ToJsonString())]);
    }

    /// <summary>Puts model, optimiser, score, history and callbacks into the state of the file.</summary>
    /// <returns>Epochs done, and steps done of the next one.</returns>
    /// <exception cref="ModelFileException">The file is no checkpoint of this training; the message says what differs.</exception>
    public (int Epoch, int Batch) Load()
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault("format") != Format || !file.Metadata.TryGetValue("checkpoint", out string? text))
            throw new ModelFileException($"'{path}': expected a training checkpoint (metadata format '{Format}'), found another file. Give the checkpoint's path, or train without resuming.");
        if (file.Metadata.GetValueOrDefault("format_version") != FormatVersion)
            throw new ModelFileException($"'{path}': expected checkpoint version {FormatVersion}, found another. The file was written by another version of this library; train without resuming.");
        try
        {
            return Load(file, Expect(JsonNode.Parse(text)).AsObject());
        }
        catch (Exception cause) when (cause is InvalidDataException or ArgumentException or InvalidOperationException or FormatException
            or JsonException or OverflowException)
        {
            throw new ModelFileException($"'{path}': the checkpoint cannot be resumed: {cause.Message}", cause);
        }
    }

    private (int, int) Load(SafetensorsFile file, JsonObject description)
    {
        RequireSameSettings(Expect(description["settings"]).AsObject());
        WeightFile.Read(model, file, Weights);
        optimizer.LoadState(model.Parameters, [.. Behind(file, OptimizerState)]);
        score.LoadState([.. Expect(description["sums"]).AsArray().Select(sum => ReadAll(Expect(sum)))]);
        foreach (JsonNode? result in Expect(description["history"]).AsArray()) context.History.Add(ReadResult(Expect(result).AsObject()));
        JsonArray states = Expect(description["callbacks"]).AsArray();
        for (int i = 0; i < callbacks.Count; i++)
        {
            var state = new CallbackState();
            foreach ((string name, JsonNode? value) in Expect(states[i]).AsObject()) state.Set(name, Read(Expect(value)));
            foreach ((string name, float[] values) in Behind(file, CallbackPrefix(i))) state.Set(name, values);
            callbacks[i].LoadState(state);
        }
        context.IsResumed = true;
        if (description["stop_reason"]?.GetValue<string>() is { } reason) context.Stop(reason);
        return (Expect(description["epoch"]).GetValue<int>(), Expect(description["batch"]).GetValue<int>());
    }

    private void RequireSameSettings(JsonObject found)
    {
        foreach ((string name, JsonNode? expected) in settings)
        {
            string now = expected?.ToJsonString() ?? "none", then = found[name]?.ToJsonString() ?? "none";
            if (now != then) throw new InvalidDataException($"'{name}' was {then} and is {now} now. Resume with the same settings and data, or train without resuming.");
        }
    }

    /// <summary>The arrays of a file whose names begin with a prefix, without it.</summary>
    internal static IEnumerable<(string Name, float[] Values)> Behind(SafetensorsFile file, string prefix)
    {
        foreach (string name in file.Names)
            if (name.StartsWith(prefix, StringComparison.Ordinal)) yield return (name[prefix.Length..], file.ReadFloats(name));
    }

    private static string CallbackPrefix(int index) => $"callbacks/{index.ToString(CultureInfo.InvariantCulture)}/";

    private static JsonObject Write(EpochResult result)
    {
        var values = new JsonObject();
        foreach ((string name, double value) in result.Values) values[name] = Write(value);
        return new JsonObject { ["epoch"] = result.Epoch, ["learning_rate"] = Write(result.LearningRate), ["values"] = values };
    }

    private static EpochResult ReadResult(JsonObject result) => new(Expect(result["epoch"]).GetValue<int>(),
        Expect(result["values"]).AsObject().Select(pair => new KeyValuePair<string, double>(pair.Key, Read(Expect(pair.Value)))),
        Read(Expect(result["learning_rate"])));

    private static JsonArray Write(double[] values)
    {
        var array = new JsonArray();
        foreach (double value in values) array.Add((JsonNode)Write(value));
        return array;
    }

    private static double[] ReadAll(JsonNode values) => [.. values.AsArray().Select(value => Read(Expect(value)))];

    // As text, since JSON's numbers have no NaN and no infinity; "R" gives the same bits back.
    private static JsonValue Write(double value) => JsonValue.Create(value.ToString("R", CultureInfo.InvariantCulture));

    private static double Read(JsonNode value) => double.Parse(value.GetValue<string>(), NumberStyles.Float, CultureInfo.InvariantCulture);

    private static JsonNode Expect(JsonNode? node) => node ?? throw new InvalidDataException("an entry of its description is missing");
}

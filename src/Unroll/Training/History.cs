namespace Unroll.Training;

/// <summary>The epochs of a training, in order.</summary>
public sealed class History
{
    private readonly List<EpochResult> _epochs = [];

    /// <summary>What each epoch came to; after a resumed training, the earlier ones too.</summary>
    public IReadOnlyList<EpochResult> Epochs => _epochs;

    /// <summary>Why training ended before its last epoch ("early stopping: …"), or null where it did not.</summary>
    public string? StopReason { get; internal set; }

    /// <summary>The names of the values: "loss", the metrics, "val_loss" …</summary>
    public IReadOnlyList<string> Names => _epochs.Count == 0 ? [] : [.. _epochs[0].Values.Select(pair => pair.Key)];

    /// <summary>One value over all epochs, for example <c>history["val_loss"]</c>.</summary>
    /// <exception cref="KeyNotFoundException">No such value.</exception>
    public IReadOnlyList<double> this[string name] => [.. _epochs.Select(epoch => epoch[name])];

    internal void Add(EpochResult result) => _epochs.Add(result);
}

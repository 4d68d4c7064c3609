namespace Unroll.Training;

/// <summary>
/// Where and how often a training writes what it needs to go on after being killed: at the end of every epoch, and
/// between as asked for here. Each writing replaces the file as a whole.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="EveryBatches">Steps from one writing to the next, at least 1; 0 for the ends of epochs alone. Default 0.</param>
public sealed record CheckpointOptions(string Path, int EveryBatches = 0)
{
    /// <summary>Write also when this long has passed since the last writing. Above zero; null for never.</summary>
    public TimeSpan? Every { get; init; }

    internal void Check()
    {
        if (string.IsNullOrWhiteSpace(Path)) throw new ArgumentException("CheckpointOptions.Path: expected a file's path, received none.");
        if (EveryBatches < 0) throw new ArgumentException($"CheckpointOptions.EveryBatches: expected 0 or more, received {EveryBatches}.");
        if (Every is { } span && span <= TimeSpan.Zero) throw new ArgumentException($"CheckpointOptions.Every: expected more than zero, received {span}.");
    }
}

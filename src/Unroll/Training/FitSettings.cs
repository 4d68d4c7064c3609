namespace Unroll.Training;

/// <summary>All that a call of Fit says.</summary>
internal sealed record FitSettings
{
    public required int Epochs { get; init; }
    public required int BatchSize { get; init; }
    public double ValidationSplit { get; init; }
    public bool Shuffle { get; init; } = true;
    public ulong Seed { get; init; }
    public IReadOnlyList<Callback> Callbacks { get; init; } = [];
    public FitOptions Options { get; init; } = new();
    public IProgress<TrainingProgress>? Progress { get; init; }
    public CheckpointOptions? Checkpoint { get; init; }
    public bool Resume { get; init; }

    public void Check(bool hasValidation)
    {
        if (Epochs < 0) throw new ArgumentException($"Fit: the number of epochs is 0 or more; received {Epochs}.");
        if (BatchSize < 1) throw new ArgumentException($"Fit: the batch size is at least 1; received {BatchSize}.");
        if (!(ValidationSplit is >= 0 and < 1)) throw new ArgumentException($"Fit: the share of validation is at least 0 and below 1; received {ValidationSplit}.");
        if (ValidationSplit > 0 && hasValidation) throw new ArgumentException("Fit: give validation data or a validation split, not both.");
        if (Resume && Checkpoint is null) throw new ArgumentException("Fit: resuming needs a checkpoint's path.");
        Options.Check();
        Checkpoint?.Check();
    }
}

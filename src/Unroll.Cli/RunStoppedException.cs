namespace Unroll.Cli;

/// <summary>A run was stopped by its user after its checkpoint was written.</summary>
internal sealed class RunStoppedException : OperationCanceledException
{
    /// <summary>A stop that left a checkpoint.</summary>
    /// <param name="checkpoint">Its path.</param>
    public RunStoppedException(string checkpoint)
        : base($"stopped; the checkpoint {checkpoint} was kept. Run the same command with --resume to go on.")
    {
    }
}

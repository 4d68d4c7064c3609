using System.Globalization;

namespace Unroll.Training;

/// <summary>
/// Saves the model after each epoch, or after each that is the best so far. To go on with a training that was killed,
/// <see cref="CheckpointOptions"/> is meant instead.
/// </summary>
public sealed class ModelCheckpoint : Callback
{
    private readonly string _path;
    private readonly Monitor _monitor;
    private readonly bool _saveBestOnly;

    /// <summary>Saving to a path.</summary>
    /// <param name="path">The file; <c>{epoch}</c> in it becomes the epoch's number, from 1.</param>
    /// <param name="saveBestOnly">Whether only an epoch that is the best so far is saved. Default false.</param>
    /// <param name="monitor">The value that decides which is best. Default "val_loss".</param>
    /// <param name="direction">Which way is better. By default the name decides.</param>
    /// <exception cref="ArgumentException">An empty path or name.</exception>
    public ModelCheckpoint(string path, bool saveBestOnly = false, string monitor = "val_loss", MonitorDirection direction = MonitorDirection.Automatic)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _path = path;
        _saveBestOnly = saveBestOnly;
        _monitor = new Monitor(monitor, direction, 0);
    }

    /// <inheritdoc/>
    public override void OnTrainBegin(TrainingContext context)
    {
        if (!context.IsResumed) _monitor.Reset();
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingContext context, EpochResult result)
    {
        if (_saveBestOnly)
        {
            double value = _monitor.Of(result, this);
            if (!_monitor.Improves(value)) return;
            _monitor.Best = value;
        }
        context.Model.Save(_path.Replace("{epoch}", result.Epoch.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public override void SaveState(CallbackState state) => state.Set("best", _monitor.Best);

    /// <inheritdoc/>
    public override void LoadState(CallbackState state) => _monitor.Best = state.Number("best");
}

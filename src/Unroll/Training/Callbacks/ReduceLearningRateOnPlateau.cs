using Unroll.Optimizers;

namespace Unroll.Training;

/// <summary>
/// Lowers the learning rate when a watched value has not become better for some epochs: <see cref="ReduceOnPlateau"/>,
/// told after each epoch.
/// </summary>
public sealed class ReduceLearningRateOnPlateau : Callback
{
    private readonly string _monitor;
    private readonly ReduceOnPlateauOptions _options;
    private ReduceOnPlateau? _plateau;
    private CallbackState? _loaded;

    /// <summary>Watching a value.</summary>
    /// <param name="monitor">The value watched. Default "val_loss".</param>
    /// <param name="options">Factor, patience and the rest; null for Keras's defaults.</param>
    /// <exception cref="ArgumentException">An empty name, or a setting out of range.</exception>
    public ReduceLearningRateOnPlateau(string monitor = "val_loss", ReduceOnPlateauOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(monitor);
        _monitor = monitor;
        _options = options ?? new ReduceOnPlateauOptions();
        _ = new ReduceOnPlateau(0, _options); // refuses bad settings here and not after the first epoch
    }

    /// <inheritdoc/>
    public override void OnTrainBegin(TrainingContext context)
    {
        if (context.Optimizer.Schedule is not null)
            throw new InvalidOperationException("ReduceLearningRateOnPlateau: the optimizer has a Schedule, which sets the learning rate at every step; use one of the two.");
        _plateau = new ReduceOnPlateau(context.Optimizer.LearningRate, _options);
        if (_loaded is { } state)
            _plateau.State = (state.Number("best"), (int)state.Number("waited"), (int)state.Number("cooling"), (float)state.Number("learning_rate"));
        _loaded = null;
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingContext context, EpochResult result) =>
        context.Optimizer.LearningRate = _plateau!.Report(Monitor.ValueOf(_monitor, result, this));

    /// <inheritdoc/>
    public override void SaveState(CallbackState state)
    {
        (double best, int waited, int cooling, float learningRate) = _plateau!.State;
        state.Set("best", best);
        state.Set("waited", waited);
        state.Set("cooling", cooling);
        state.Set("learning_rate", learningRate);
    }

    /// <inheritdoc/>
    public override void LoadState(CallbackState state) => _loaded = state;
}

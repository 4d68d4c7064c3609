using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>Ends training when a watched value has not become better for some epochs.</summary>
public sealed class EarlyStopping : Callback
{
    private readonly Monitor _monitor;
    private readonly string _name;
    private readonly int _patience;
    private readonly bool _restoreBestWeights;
    private readonly List<(string Name, float[] Values)> _best = [];
    private int _waited;

    /// <summary>Early stopping with Keras's defaults.</summary>
    /// <param name="monitor">The value watched. Default "val_loss".</param>
    /// <param name="patience">Epochs without a better value that are allowed; at least 0. Default 0.</param>
    /// <param name="minDelta">By how much a value must be better to count; at least 0. Default 0.</param>
    /// <param name="restoreBestWeights">Whether the model gets the best epoch's weights in the end. Default false.</param>
    /// <param name="direction">Which way is better. By default the name decides.</param>
    /// <exception cref="ArgumentException">A number out of range, or an empty name.</exception>
    public EarlyStopping(string monitor = "val_loss", int patience = 0, double minDelta = 0, bool restoreBestWeights = false,
        MonitorDirection direction = MonitorDirection.Automatic)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(patience);
        _monitor = new Monitor(monitor, direction, minDelta);
        _name = monitor;
        _patience = patience;
        _restoreBestWeights = restoreBestWeights;
    }

    /// <summary>The number of the best epoch, from 1; 0 before there is one.</summary>
    public int BestEpoch { get; private set; }

    /// <inheritdoc/>
    public override void OnTrainBegin(TrainingContext context)
    {
        if (context.IsResumed) return;
        _monitor.Reset();
        _best.Clear();
        _waited = 0;
        BestEpoch = 0;
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingContext context, EpochResult result)
    {
        double value = _monitor.Of(result, this);
        if (_monitor.Improves(value))
        {
            _monitor.Best = value;
            _waited = 0;
            BestEpoch = result.Epoch;
            if (_restoreBestWeights) Keep(context.Model.Parameters);
            return;
        }
        _waited++;
        if (_waited >= Math.Max(_patience, 1))
            context.Stop($"early stopping: '{_name}' was best in epoch {BestEpoch} and has not become better in {_waited} {(_waited == 1 ? "epoch" : "epochs")}");
    }

    /// <inheritdoc/>
    public override void OnTrainEnd(TrainingContext context)
    {
        if (_best.Count == 0) return;
        foreach (Parameter parameter in context.Model.Parameters)
            parameter.Set(_best.Find(kept => kept.Name == parameter.Name).Values);
    }

    /// <inheritdoc/>
    public override void SaveState(CallbackState state)
    {
        state.Set("best", _monitor.Best);
        state.Set("best_epoch", BestEpoch);
        state.Set("waited", _waited);
        foreach ((string name, float[] values) in _best) state.Set(name, values);
    }

    /// <inheritdoc/>
    public override void LoadState(CallbackState state)
    {
        _monitor.Best = state.Number("best");
        BestEpoch = (int)state.Number("best_epoch");
        _waited = (int)state.Number("waited");
        _best.Clear();
        foreach ((string name, float[] values) in state.Arrays) _best.Add((name, values));
    }

    private void Keep(IReadOnlyList<Parameter> parameters)
    {
        _best.Clear();
        foreach (Parameter parameter in parameters) _best.Add((parameter.Name, parameter.ToArray()));
    }
}

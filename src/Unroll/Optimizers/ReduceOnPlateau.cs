namespace Unroll.Optimizers;

/// <summary>Which way a metric gets better.</summary>
public enum PlateauMode
{
    /// <summary>Smaller is better: a loss.</summary>
    Minimize,

    /// <summary>Larger is better: an accuracy.</summary>
    Maximize,
}

/// <summary>Settings of <see cref="ReduceOnPlateau"/>; the defaults are Keras's.</summary>
public sealed record ReduceOnPlateauOptions
{
    /// <summary>What the rate is multiplied by, in (0, 1). Default 0.1.</summary>
    public double Factor { get; init; } = 0.1;

    /// <summary>Reports without improvement before the rate falls; at least 1. Default 10.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>Whether the metric is to fall or to rise. Default to fall.</summary>
    public PlateauMode Mode { get; init; } = PlateauMode.Minimize;

    /// <summary>By how much a metric must beat the best to count; at least 0. Default 1e-4.</summary>
    public double MinimumDelta { get; init; } = 1e-4;

    /// <summary>Reports after a fall during which none is counted; at least 0. Default 0.</summary>
    public int Cooldown { get; init; }

    /// <summary>Where the rate stops falling; at least 0. Default 0.</summary>
    public float MinimumRate { get; init; }
}

/// <summary>
/// A learning rate that falls when a metric stops improving, in Keras's way. It has state, so it is no
/// <see cref="LearningRateSchedule"/>: report the metric after each epoch and set the rate that comes back.
/// </summary>
public sealed class ReduceOnPlateau
{
    private readonly ReduceOnPlateauOptions _options;
    private double _best;
    private int _waited, _cooling;

    /// <summary>A plateau watcher.</summary>
    /// <param name="initialRate">The rate to begin with; finite, at least 0.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting out of range.</exception>
    public ReduceOnPlateau(float initialRate, ReduceOnPlateauOptions? options = null)
    {
        _options = options ?? new ReduceOnPlateauOptions();
        if (!float.IsFinite(initialRate) || initialRate < 0)
            throw new ArgumentOutOfRangeException(nameof(initialRate), initialRate, "A learning rate is finite and at least 0.");
        if (!(_options.Factor is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(options), _options.Factor, "Factor is above 0 and below 1.");
        if (_options.Patience < 1) throw new ArgumentOutOfRangeException(nameof(options), _options.Patience, "Patience is at least 1.");
        if (!(_options.MinimumDelta >= 0)) throw new ArgumentOutOfRangeException(nameof(options), _options.MinimumDelta, "MinimumDelta is at least 0.");
        if (_options.Cooldown < 0) throw new ArgumentOutOfRangeException(nameof(options), _options.Cooldown, "Cooldown is at least 0.");
        if (!(_options.MinimumRate >= 0)) throw new ArgumentOutOfRangeException(nameof(options), _options.MinimumRate, "MinimumRate is at least 0.");
        LearningRate = initialRate;
        _best = _options.Mode == PlateauMode.Minimize ? double.PositiveInfinity : double.NegativeInfinity;
    }

    /// <summary>The rate now.</summary>
    public float LearningRate { get; private set; }

    /// <summary>The state for a checkpoint: best metric, reports waited, reports of cooldown left, rate.</summary>
    public (double Best, int Waited, int Cooling, float LearningRate) State
    {
        get => (_best, _waited, _cooling, LearningRate);
        set => (_best, _waited, _cooling, LearningRate) = value;
    }

    /// <summary>Takes an epoch's metric and gives the rate for the next. NaN is no improvement.</summary>
    public float Report(double metric)
    {
        if (_cooling > 0)
        {
            _cooling--;
            _waited = 0;
        }
        bool better = _options.Mode == PlateauMode.Minimize
            ? metric < _best - _options.MinimumDelta
            : metric > _best + _options.MinimumDelta;
        if (better)
        {
            _best = metric;
            _waited = 0;
        }
        else if (_cooling == 0 && ++_waited >= _options.Patience)
        {
            // A rate set below the minimum from the start stays where it is.
            if (LearningRate > _options.MinimumRate)
                LearningRate = Math.Max((float)(LearningRate * _options.Factor), _options.MinimumRate);
            _cooling = _options.Cooldown;
            _waited = 0;
        }
        return LearningRate;
    }
}

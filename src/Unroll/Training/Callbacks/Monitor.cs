namespace Unroll.Training;

/// <summary>A value of an epoch that a callback watches, and which way is better.</summary>
internal sealed class Monitor
{
    private readonly string _name;
    private readonly double _minDelta;
    private readonly bool _maximize;

    public Monitor(string name, MonitorDirection direction, double minDelta)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (!(minDelta >= 0)) throw new ArgumentOutOfRangeException(nameof(minDelta), minDelta, "The smallest change that counts is at least 0.");
        _name = name;
        _minDelta = minDelta;
        _maximize = direction switch
        {
            MonitorDirection.Minimize => false,
            MonitorDirection.Maximize => true,
            _ => Rises(name),
        };
        Reset();
    }

    /// <summary>The best value so far; infinite, on the worse side, before the first.</summary>
    public double Best { get; set; }

    public void Reset() => Best = _maximize ? double.NegativeInfinity : double.PositiveInfinity;

    /// <summary>The epoch's value.</summary>
    /// <exception cref="InvalidOperationException">The epoch has none of that name.</exception>
    public double Of(EpochResult result, Callback callback) => ValueOf(_name, result, callback);

    /// <summary>The epoch's value of a name.</summary>
    /// <exception cref="InvalidOperationException">The epoch has none of that name.</exception>
    public static double ValueOf(string name, EpochResult result, Callback callback)
    {
        if (result.TryGet(name, out double value)) return value;
        string hint = name.StartsWith("val_", StringComparison.Ordinal) ? " Give Fit validation data, or watch another value." : "";
        throw new InvalidOperationException($"{callback.GetType().Name}: expected the value '{name}', found {string.Join(", ", result.Values.Select(pair => pair.Key))}.{hint}");
    }

    /// <summary>Whether a value is better than the best by more than the smallest change that counts; NaN never is.</summary>
    public bool Improves(double value) => _maximize ? value > Best + _minDelta : value < Best - _minDelta;

    private static bool Rises(string name)
    {
        foreach (string rising in (ReadOnlySpan<string>)["accuracy", "acc", "precision", "recall", "f1", "auc"])
            if (name.Contains(rising, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }
}

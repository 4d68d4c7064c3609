namespace Unroll.Metrics;

/// <summary>A weighted mean of one number a row.</summary>
internal abstract class MeanMetric(string name) : Metric(name)
{
    private double _sum, _weight;

    public override double Result => _weight > 0 ? _sum / _weight : double.NaN;

    public override void Reset() => _sum = _weight = 0;

    public override double[] SaveState() => [_sum, _weight];

    public override void LoadState(ReadOnlySpan<double> state)
    {
        if (state.Length != 2) throw new ArgumentException($"Metric '{Name}': expected a state of 2 numbers, received {state.Length}.", nameof(state));
        (_sum, _weight) = (state[0], state[1]);
    }

    protected void Add(double value, double weight)
    {
        _sum += value * weight;
        _weight += weight;
    }
}

using Unroll.Data;
using Unroll.Tensors;

namespace Unroll.Tasks;

/// <summary>
/// Windows of prepared series: inputs [T, F] that begin L rows before the origin, targets [H] from the origin on, both
/// with the window's level taken away. In the horizon's rows of the input only what is known in future is not zero.
/// </summary>
internal sealed class ForecastWindows
{
    private readonly ForecastPlan _plan;
    private readonly IReadOnlyList<PreparedSeries> _series;
    private readonly List<(int Series, int Origin)> _places = [];

    /// <summary>No windows yet.</summary>
    public ForecastWindows(ForecastPlan plan, IReadOnlyList<PreparedSeries> series)
    {
        _plan = plan;
        _series = series;
    }

    public ForecastPlan Plan => _plan;

    public int Count => _places.Count;

    /// <summary>The place of a window.</summary>
    public (PreparedSeries Series, int SeriesIndex, int Origin) this[int index] => (_series[_places[index].Series], _places[index].Series, _places[index].Origin);

    public void Add(int series, int origin) => _places.Add((series, origin));

    /// <summary>Adds every window whose targets lie in rows [start, end).</summary>
    public void AddRange(int series, int start, int end)
    {
        for (int origin = Math.Max(start, _plan.InputLength); origin <= end - _plan.Horizon; origin++) Add(series, origin);
    }

    /// <summary>What is subtracted from the scaled target, and what it is then divided by.</summary>
    public (float Shift, float Divisor) LevelOf(int index)
    {
        (PreparedSeries series, _, int origin) = this[index];
        ReadOnlySpan<float> inputs = series.Target.AsSpan(origin - _plan.InputLength, _plan.InputLength);
        if (_plan.Level == ForecastLevel.None) return (0, 1);
        if (_plan.Level == ForecastLevel.Last) return (inputs[^1], 1);
        double mean = 0, squares = 0;
        foreach (float value in inputs) mean += value;
        mean /= inputs.Length;
        foreach (float value in inputs) squares += (value - mean) * (value - mean);
        double deviation = Math.Sqrt(squares / inputs.Length);
        return ((float)mean, deviation > 1e-6 * Math.Max(1, Math.Abs(mean)) ? (float)deviation : 1f);
    }

    /// <summary>Writes the input [T, F].</summary>
    public void ReadInput(int index, Span<float> input)
    {
        input.Clear();
        (PreparedSeries series, _, int origin) = this[index];
        (float shift, float divisor) = LevelOf(index);
        int features = _plan.Features, length = _plan.InputLength, first = origin - length;
        for (int t = 0; t < length; t++) input[t * features] = (series.Target[first + t] - shift) / divisor;
        for (int c = 0; c < series.Columns.Count; c++)
        {
            (float[] values, bool known) = series.Columns[c];
            int steps = known ? _plan.Steps : length;
            for (int t = 0; t < steps; t++) input[t * features + 1 + c] = values[first + t];
        }
    }

    /// <summary>Writes the targets [H].</summary>
    public void ReadTargets(int index, Span<float> targets)
    {
        (PreparedSeries series, _, int origin) = this[index];
        (float shift, float divisor) = LevelOf(index);
        for (int h = 0; h < targets.Length; h++) targets[h] = (series.Target[origin + h] - shift) / divisor;
    }

    /// <summary>A number of the network's output in the series' unit.</summary>
    public float ToUnit(int index, double output)
    {
        (float shift, float divisor) = LevelOf(index);
        return _plan.FromScaled(output * divisor + shift);
    }

    /// <summary>The inputs of windows [start, start + count) as [count, T, F].</summary>
    public Tensor Inputs(int start, int count)
    {
        int size = _plan.Steps * _plan.Features;
        Tensor inputs = Tensor.Zeros(count, _plan.Steps, _plan.Features);
        for (int i = 0; i < count; i++) ReadInput(start + i, inputs.Storage.Slice(i * size, size));
        GC.KeepAlive(inputs.Handle);
        return inputs;
    }

    /// <summary>All windows as a data set [N, T, F] and [N, H].</summary>
    public Dataset ToDataset()
    {
        Tensor targets = Tensor.Zeros(Count, _plan.Horizon);
        for (int i = 0; i < Count; i++) ReadTargets(i, targets.Storage.Slice(i * _plan.Horizon, _plan.Horizon));
        GC.KeepAlive(targets.Handle);
        return new Dataset(Inputs(0, Count), targets);
    }

    /// <summary>
    /// The inputs' indices that a linear map needs: every lag of the target and the covariates, the known covariates
    /// in the horizon's rows, and the waves in its first row alone, since one row of a wave determines all others.
    /// </summary>
    public int[] LinearInputs()
    {
        var indices = new List<int>();
        int features = _plan.Features, covariates = _plan.Covariates.Count;
        for (int t = 0; t < _plan.InputLength; t++)
            for (int f = 0; f <= covariates; f++) indices.Add(t * features + f);
        for (int t = _plan.InputLength; t < _plan.Steps; t++)
        {
            for (int c = 0; c < covariates; c++) if (_plan.Known[c]) indices.Add(t * features + 1 + c);
            for (int f = covariates + 1; t == _plan.InputLength && f < features; f++) indices.Add(t * features + f);
        }
        return [.. indices];
    }
}

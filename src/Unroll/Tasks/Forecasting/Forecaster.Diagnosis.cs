using Unroll.Data;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tasks;

public sealed partial class Forecaster
{
    /// <summary>
    /// How the loss's gradient runs back through the rows read, measured on windows spread evenly over the series; see
    /// <see cref="Training.GradientFlow"/>.
    /// </summary>
    /// <param name="series">With the columns trained with.</param>
    /// <param name="windows">At most how many windows. At least 1. Default 32.</param>
    /// <param name="cancellation">Looked at between passes.</param>
    /// <exception cref="ArgumentException">Other columns than trained with, or fewer rows than one window needs.</exception>
    public GradientFlow MeasureGradientFlow(IReadOnlyList<TimeSeries> series, int windows = 32, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(series);
        ArgumentOutOfRangeException.ThrowIfLessThan(windows, 1);
        foreach (TimeSeries one in series) _plan.RequireFits(one, future: false);
        PreparedSeries[] prepared = [.. series.Select(one => new PreparedSeries(one, _plan))];
        var all = new ForecastWindows(_plan, prepared);
        for (int s = 0; s < prepared.Length; s++) all.AddRange(s, 0, series[s].Count);
        if (all.Count == 0)
            throw new ArgumentException($"Expected a series of at least {InputLength + Horizon} rows, {InputLength} to read and {Horizon} to forecast; received none.", nameof(series));
        var chosen = new ForecastWindows(_plan, prepared);
        int count = Math.Min(windows, all.Count);
        for (int i = 0; i < count; i++)
        {
            (_, int index, int origin) = all[(int)((long)i * all.Count / count)];
            chosen.Add(index, origin);
        }
        Dataset data = chosen.ToDataset();
        return GradientFlow.Measure(Model, data.Inputs, data.Targets, cancellation: cancellation);
    }
}

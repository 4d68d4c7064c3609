using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>A series as a plan sees it: logarithm and scalers applied, waves added.</summary>
internal sealed class PreparedSeries
{
    public PreparedSeries(TimeSeries series, ForecastPlan plan)
    {
        Series = series;
        Target = new float[series.Count];
        for (int i = 0; i < Target.Length; i++)
        {
            float value = series.Values[i];
            if (plan.Logarithm && value <= 0)
            {
                throw new ArgumentException(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                    $"Series '{series.Name}': row {i + 1} is {value}; the forecaster works on logarithms, since all training values were above 0. Train again with ForecastOptions.Logarithm = false."), nameof(series));
            }
            Target[i] = (float)plan.ToScaled(value);
        }
        for (int c = 0; c < plan.Covariates.Count; c++)
        {
            float[] column = new float[series.Covariates[c].Values.Length];
            plan.Covariates[c].Transform(series.Covariates[c].Values, column);
            Columns.Add((column, plan.Known[c]));
        }
        foreach (float[] wave in CalendarWaves.Of(series, plan.Waves, plan.Horizon)) Columns.Add((wave, true));
    }

    public TimeSeries Series { get; }

    public float[] Target { get; }

    /// <summary>Covariates, then waves.</summary>
    public List<(float[] Values, bool Known)> Columns { get; } = [];
}

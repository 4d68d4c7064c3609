using Unroll.Autograd;
using Unroll.Data;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tasks;

/// <summary>
/// Forecasts a series' next rows: a recurrent network beside a ridge regression on the same inputs, their answers
/// added. All steps are forecast at once, with a mean and quantiles.
/// </summary>
/// <remarks>
/// The last rows of the series given validate. On them a ridge regression chooses what the options leave open; then the
/// recurrent part learns from the training rows what the regression leaves, and the weights of least validation error
/// are kept, those before training included: on the validation rows the network is never worse than the regression.
/// Equal options and series give equal bits.
/// </remarks>
public sealed partial class Forecaster
{
    private const int WindowsAtOnce = 2048;
    private readonly ForecastPlan _plan;
    private readonly double[] _levels;
    private readonly double[][] _offsets; // [H][Q]
    private readonly Layer _linear;

    private Forecaster(Sequential model, ForecastPlan plan, double[] levels, double[][] offsets)
    {
        Model = model;
        _plan = plan;
        _levels = levels;
        _offsets = offsets;
        _linear = ForecastNetwork.LinearBranch(model) ?? throw new InvalidDataException("the layers are not a forecaster's");
    }

    /// <summary>The network: scaled windows [B, T, F] to [B, H].</summary>
    public Sequential Model { get; }

    internal ForecastPlan Plan => _plan;

    /// <summary>H, how many rows are forecast.</summary>
    public int Horizon => _plan.Horizon;

    /// <summary>L, how many rows are read.</summary>
    public int InputLength => _plan.InputLength;

    /// <summary>The rows of a season, 1 for none.</summary>
    public int Season => _plan.Season;

    /// <summary>Whether the target's logarithm is forecast.</summary>
    public bool Logarithm => _plan.Logarithm;

    /// <summary>What is taken from each window.</summary>
    public ForecastLevel Level => _plan.Level;

    /// <summary>The calendar's waves among the inputs: "year", "week", "day", or none.</summary>
    public IReadOnlyList<string> Waves => _plan.Waves;

    /// <summary>The penalty of the ridge regression.</summary>
    public double Penalty => _plan.Penalty;

    /// <summary>The names of the columns that accompany the target, in the order trained with.</summary>
    public IReadOnlyList<string> Covariates => _plan.CovariateNames;

    /// <summary>The quantiles forecast, increasing.</summary>
    public IReadOnlyList<double> Quantiles => _levels;

    /// <summary>The epochs of the training that validated; null for a forecaster from a file.</summary>
    public History? History { get; private init; }

    /// <summary>The epoch of least validation error; 0 where the regression alone was best. −1 for a forecaster from a file.</summary>
    public int BestEpoch { get; private init; } = -1;

    /// <summary>Forecasts the rows behind the end of a series, from its last <see cref="InputLength"/> rows.</summary>
    /// <param name="series">With the columns trained with; those known in future go on for <see cref="Horizon"/> rows.</param>
    /// <exception cref="ArgumentException">Too few rows or other columns; the message says what is missing.</exception>
    public Forecast Predict(TimeSeries series) => Predict([series])[0];

    /// <summary>Forecasts the rows behind the end of each series.</summary>
    /// <param name="series">Each as for the other form.</param>
    /// <exception cref="ArgumentException">Too few rows or other columns.</exception>
    public IReadOnlyList<Forecast> Predict(IReadOnlyList<TimeSeries> series)
    {
        ArgumentNullException.ThrowIfNull(series);
        foreach (TimeSeries one in series) _plan.RequireFits(one, future: true);
        if (series.Count == 0) return [];
        PreparedSeries[] prepared = [.. series.Select(one => new PreparedSeries(one, _plan))];
        var windows = new ForecastWindows(_plan, prepared);
        for (int s = 0; s < prepared.Length; s++) windows.Add(s, series[s].Count);
        float[] outputs = Outputs(windows, CancellationToken.None);
        var forecasts = new Forecast[series.Count];
        for (int s = 0; s < forecasts.Length; s++)
        {
            float[] mean = new float[Horizon];
            float[][] quantiles = [.. _levels.Select(_ => new float[Horizon])];
            for (int h = 0; h < Horizon; h++)
            {
                mean[h] = windows.ToUnit(s, outputs[s * Horizon + h]);
                for (int q = 0; q < quantiles.Length; q++) quantiles[q][h] = windows.ToUnit(s, outputs[s * Horizon + h] + _offsets[h][q]);
            }
            DateTime[]? times = series[s] is { Timestamps: not null, Step: not null } ? DateFeatures.Future(series[s], Horizon) : null;
            forecasts[s] = new Forecast(series[s].Name, mean, _levels, quantiles, times);
        }
        return forecasts;
    }

    /// <summary>
    /// Forecasts again and again, from every row at or behind <paramref name="from"/> as if the later rows were not
    /// known, and compares with what came; beside the network the ridge regression, seasonal naive and naive forecasts
    /// on exactly the same points.
    /// </summary>
    /// <param name="series">The whole series, rows before <paramref name="from"/> included.</param>
    /// <param name="from">The first row that is forecast, from 1; rows without a whole input before them are left out.</param>
    /// <param name="cancellation">Looked at after each batch.</param>
    /// <exception cref="ArgumentException">Other columns than trained with, or fewer rows behind <paramref name="from"/> than the horizon.</exception>
    public ForecastEvaluation Evaluate(TimeSeries series, int from, CancellationToken cancellation = default) => Evaluate([(series, from)], cancellation);

    /// <summary>Evaluates over many series, each from its own first row; errors are over all points together.</summary>
    /// <param name="series">Each series with the first row that is forecast.</param>
    /// <param name="cancellation">Looked at after each batch.</param>
    /// <exception cref="ArgumentException">As for the other form, or no series.</exception>
    public ForecastEvaluation Evaluate(IReadOnlyList<(TimeSeries Series, int From)> series, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(series);
        foreach ((TimeSeries one, _) in series) _plan.RequireFits(one, future: false);
        var points = new WindowSet(new WindowOptions { InputLength = InputLength, Horizon = Horizon },
            [.. series.Select(one => new WindowPart(one.Series, one.From, one.Series.Count))]);
        PreparedSeries[] prepared = [.. series.Select(one => new PreparedSeries(one.Series, _plan))];
        var windows = new ForecastWindows(_plan, prepared);
        for (int n = 0; n < points.Count; n++) windows.Add(points.PartOf(n), points.Locate(n).Origin);

        var table = new BacktestTable(points, Season);
        float[] outputs = Outputs(windows, cancellation);
        table.Add("network", InUnit(windows, outputs));
        table.Add("ridge", InUnit(windows, LinearOutputs(windows, cancellation)));
        table.Add(new SeasonalNaiveForecast(Season));
        table.Add(new NaiveForecast());
        ForecastScore[] scores = [.. table.Rows.Select(row => new ForecastScore(row.Name,
            row.RootMeanSquaredError * row.RootMeanSquaredError, row.RootMeanSquaredError, row.MeanAbsoluteError, row.Smape, row.Mase))];
        return new ForecastEvaluation(scores, points.Count, Horizon, _levels, Coverage(windows, outputs));
    }

    private double[] Coverage(ForecastWindows windows, float[] outputs)
    {
        double[] coverage = new double[_levels.Length];
        for (int n = 0; n < windows.Count; n++)
        {
            (PreparedSeries series, _, int origin) = windows[n];
            for (int h = 0; h < Horizon; h++)
                for (int q = 0; q < coverage.Length; q++)
                    if (series.Series.Values[origin + h] <= windows.ToUnit(n, outputs[n * Horizon + h] + _offsets[h][q])) coverage[q]++;
        }
        for (int q = 0; q < coverage.Length; q++) coverage[q] /= (double)windows.Count * Horizon;
        return coverage;
    }

    private static float[] InUnit(ForecastWindows windows, float[] outputs)
    {
        int horizon = windows.Plan.Horizon;
        float[] values = new float[outputs.Length];
        for (int i = 0; i < values.Length; i++) values[i] = windows.ToUnit(i / horizon, outputs[i]);
        return values;
    }

    /// <summary>The network's answers [N, H], before scale and level are put back.</summary>
    private float[] Outputs(ForecastWindows windows, CancellationToken cancellation) =>
        InParts(windows, inputs => Model.Predict(inputs, 256, cancellation).ToArray());

    /// <summary>The linear branch's answers alone.</summary>
    private float[] LinearOutputs(ForecastWindows windows, CancellationToken cancellation) => InParts(windows, inputs =>
    {
        cancellation.ThrowIfCancellationRequested();
        var tape = new Tape(recording: false);
        return _linear.Forward(inputs, new Pass(tape)).ToArray();
    });

    private static float[] InParts(ForecastWindows windows, Func<Tensor, float[]> answer)
    {
        int horizon = windows.Plan.Horizon;
        float[] outputs = new float[windows.Count * horizon];
        for (int start = 0; start < windows.Count; start += WindowsAtOnce)
            answer(windows.Inputs(start, Math.Min(WindowsAtOnce, windows.Count - start))).CopyTo(outputs, start * horizon);
        return outputs;
    }
}

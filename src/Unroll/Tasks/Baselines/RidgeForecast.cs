using System.Globalization;
using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>
/// Ridge regression (Hoerl and Kennard 1970) from a window to all its horizons at once: minimises, for each horizon,
/// Σ (y − a − z·b)² / N + penalty · |b|² over N windows, where z are the window's features, each standardised by its
/// mean and population deviation over those windows. The intercept a is not penalised. In double, by normal equations.
/// </summary>
/// <remarks>
/// The features are the L input rows (target and covariates) and the H rows of the covariates known in future:
/// P = L · F + H · K. They take the series as it is: nothing is logged, differenced or deseasonalised.
/// </remarks>
public sealed class RidgeForecast : IPointForecaster
{
    private readonly double[] _coefficients; // [H, P], of features that are not standardised
    private readonly double[] _intercepts;
    private readonly int _features, _covariates, _known;

    private RidgeForecast(WindowSet windows, RidgeMoments moments, double penalty)
    {
        Options = windows.Options;
        Penalty = penalty;
        (_covariates, _known, _features) = (windows.Features - 1, windows.FutureFeatures, moments.Mean.Length);
        double[] factor = [.. moments.Gram];
        for (int p = 0; p < _features; p++) factor[p * _features + p] += moments.Scale[p] > 0 ? penalty : 1; // a constant feature's b is 0
        if (!CholeskySolver.Factorise(factor, _features))
        {
            throw new ArgumentException(
                $"Ridge: the {_features} features of {windows.Count} windows depend on one another, and a penalty of {penalty} "
                + "does not tell them apart. Give a larger penalty.", nameof(penalty));
        }
        _coefficients = [.. moments.Cross];
        _intercepts = [.. moments.TargetMean];
        for (int h = 0; h < Options.Horizon; h++)
        {
            Span<double> row = _coefficients.AsSpan(h * _features, _features);
            CholeskySolver.Solve(factor, _features, row);
            for (int p = 0; p < _features; p++)
            {
                row[p] = moments.Scale[p] > 0 ? row[p] / moments.Scale[p] : 0;
                _intercepts[h] -= row[p] * moments.Mean[p];
            }
        }
    }

    /// <summary>The penalties that <see cref="Choose"/> tries: 0.00001 to 10 in steps of about the square root of 10.</summary>
    public static IReadOnlyList<double> PenaltyGrid { get; } =
        [1e-5, 3.16e-5, 1e-4, 3.16e-4, 1e-3, 3.16e-3, 0.01, 0.0316, 0.1, 0.316, 1, 3.16, 10];

    /// <inheritdoc/>
    public string Name => "ridge (" + Options.InputLength.ToString(CultureInfo.InvariantCulture) + " lags)";

    /// <summary>L and H of the windows fitted on.</summary>
    public WindowOptions Options { get; }

    /// <summary>The penalty, for each window and standardised feature.</summary>
    public double Penalty { get; }

    /// <summary>[H, P], of features in the series' own units.</summary>
    public ReadOnlySpan<double> Coefficients => _coefficients;

    /// <summary>[H], in the target's unit.</summary>
    public ReadOnlySpan<double> Intercepts => _intercepts;

    /// <summary>Fits on windows of the training part with a given penalty.</summary>
    /// <param name="training">Windows of the training part.</param>
    /// <param name="penalty">At least 0; with 0 it is ordinary least squares.</param>
    /// <exception cref="ArgumentException">A penalty out of range, or too small for features that depend on one another.</exception>
    public static RidgeForecast Fit(WindowSet training, double penalty)
    {
        ArgumentNullException.ThrowIfNull(training);
        RequirePenalty(penalty);
        return new RidgeForecast(training, RidgeMoments.Of(training), penalty);
    }

    /// <summary>
    /// Fits on the training part with each penalty of a grid and keeps the fit of least mean squared error on the
    /// validation part, the larger penalty in a tie. The validation part chooses alone and is not fitted on; to fit
    /// on both, call <see cref="Fit"/> with windows over both and the penalty found.
    /// </summary>
    /// <param name="training">Windows of the training part.</param>
    /// <param name="validation">Windows of the validation part, of the same options and covariates.</param>
    /// <param name="grid">The penalties, each above 0; null takes <see cref="PenaltyGrid"/>.</param>
    /// <exception cref="ArgumentException">Other options or covariates, an empty grid, or a penalty out of range.</exception>
    public static RidgeForecast Choose(WindowSet training, WindowSet validation, IReadOnlyList<double>? grid = null)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(validation);
        if (validation.Options.InputLength != training.Options.InputLength || validation.Options.Horizon != training.Options.Horizon
            || validation.Features != training.Features || validation.FutureFeatures != training.FutureFeatures)
        {
            throw new ArgumentException("Ridge: training and validation windows differ in length, horizon or covariates.", nameof(validation));
        }
        grid ??= PenaltyGrid;
        if (grid.Count == 0) throw new ArgumentException("Ridge: the grid of penalties is empty.", nameof(grid));
        RidgeMoments moments = RidgeMoments.Of(training);
        (RidgeForecast? best, double bestError) = (null, double.PositiveInfinity);
        foreach (double penalty in grid)
        {
            RequirePenalty(penalty);
            var candidate = new RidgeForecast(training, moments, penalty);
            double error = candidate.SumOfSquares(validation);
            if (best is null || error < bestError || (error == bestError && penalty > best.Penalty)) (best, bestError) = (candidate, error);
        }
        return best!;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// A forecast longer than the horizon, other covariates than at fitting, or too few rows around the origin.
    /// </exception>
    public void Forecast(TimeSeries series, int origin, Span<float> forecast)
    {
        ArgumentNullException.ThrowIfNull(series);
        NaiveForecast.RequireHistory(series, origin, Options.InputLength);
        if (forecast.Length > Options.Horizon)
            throw new ArgumentException($"Ridge: fitted for {Options.Horizon} rows ahead, asked for {forecast.Length}. Fit it with a longer horizon.", nameof(forecast));
        if (series.Covariates.Count != _covariates || series.KnownInFuture != _known)
        {
            throw new ArgumentException(
                $"Ridge: fitted on {_covariates} covariates, {_known} of them known in future; series '{series.Name}' has "
                + $"{series.Covariates.Count} and {series.KnownInFuture}.", nameof(series));
        }
        foreach (Covariate covariate in series.Covariates)
        {
            if (covariate.KnownInFuture && covariate.Values.Length < origin + Options.Horizon)
            {
                throw new ArgumentException(
                    $"Ridge: column '{covariate.Name}' is known in future and ends at row {covariate.Values.Length}; a forecast from row "
                    + $"{origin + 1} needs it to row {origin + Options.Horizon}.", nameof(series));
            }
        }
        var features = new float[_features];
        int inputs = Options.InputLength * (_covariates + 1);
        WindowSet.FillInput(series, origin, Options.InputLength, features.AsSpan(0, inputs));
        WindowSet.FillFuture(series, origin, Options.Horizon, features.AsSpan(inputs));
        for (int h = 0; h < forecast.Length; h++) forecast[h] = (float)Answer(features, h);
    }

    private double Answer(ReadOnlySpan<float> features, int h)
    {
        ReadOnlySpan<double> row = _coefficients.AsSpan(h * _features, _features);
        double sum = _intercepts[h];
        for (int p = 0; p < row.Length; p++) sum += row[p] * features[p];
        return sum;
    }

    private double SumOfSquares(WindowSet windows)
    {
        var rows = new RidgeRows(windows);
        double sum = 0;
        for (int n = 0; n < windows.Count; n++)
        {
            rows.Read(n);
            for (int h = 0; h < Options.Horizon; h++)
            {
                double error = rows.Targets[h] - Answer(rows.Features, h);
                sum += error * error;
            }
        }
        return sum;
    }

    private static void RequirePenalty(double penalty)
    {
        if (!(penalty >= 0) || double.IsInfinity(penalty))
            throw new ArgumentOutOfRangeException(nameof(penalty), $"Ridge: expected a finite penalty of at least 0, received {penalty}.");
    }
}

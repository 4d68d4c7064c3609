namespace Unroll.Tasks;

/// <summary>One forecaster's errors over all points together.</summary>
/// <param name="Name">The forecaster: "network", "ridge", "seasonal naive (12)", "naive".</param>
/// <param name="MeanSquaredError">In the square of the series' unit.</param>
/// <param name="RootMeanSquaredError">In the series' unit.</param>
/// <param name="MeanAbsoluteError">In the series' unit.</param>
/// <param name="Smape">M4's sMAPE in percent.</param>
/// <param name="Mase">The mean absolute scaled error; NaN where a series is constant before the points.</param>
public sealed record ForecastScore(
    string Name, double MeanSquaredError, double RootMeanSquaredError, double MeanAbsoluteError, double Smape, double Mase);

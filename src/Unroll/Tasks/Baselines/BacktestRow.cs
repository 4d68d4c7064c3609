namespace Unroll.Tasks;

/// <summary>One forecaster's errors on a back-test's points.</summary>
/// <param name="Name">The forecaster's name.</param>
/// <param name="RootMeanSquaredError">In the series' unit, over all points together.</param>
/// <param name="MeanAbsoluteError">In the series' unit, over all points together.</param>
/// <param name="Smape">M4's sMAPE in percent, over all points together.</param>
/// <param name="Mase">
/// Each window's mean absolute error over its series' in-sample seasonal naive one, averaged over the windows. NaN
/// where a series is constant in sample.
/// </param>
public sealed record BacktestRow(string Name, double RootMeanSquaredError, double MeanAbsoluteError, double Smape, double Mase);

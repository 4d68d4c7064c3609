namespace Unroll.Metrics;

/// <summary>Which error <see cref="RegressionMetric"/> takes the mean of.</summary>
internal enum RegressionError
{
    Absolute,
    Squared,
    RootSquared,
    SymmetricPercentage,
}

namespace Unroll.Tasks;

/// <summary>Errors of rolling forecasts: from every row on, as if the later rows were not known yet.</summary>
public sealed class ForecastEvaluation
{
    internal ForecastEvaluation(IReadOnlyList<ForecastScore> scores, int windows, int horizon, IReadOnlyList<double> levels, double[] coverage)
    {
        Scores = scores;
        Windows = windows;
        Horizon = horizon;
        Levels = levels;
        Coverage = coverage;
    }

    /// <summary>The network first, then on exactly the same points the ridge regression beside it, seasonal naive and naive.</summary>
    public IReadOnlyList<ForecastScore> Scores { get; }

    /// <summary>The network's errors.</summary>
    public ForecastScore Network => Scores[0];

    /// <summary>The errors of ridge regression on the same inputs: the network's linear part alone.</summary>
    public ForecastScore Ridge => Scores[1];

    /// <summary>How many forecasts were made, one from each row.</summary>
    public int Windows { get; }

    /// <summary>How many rows each forecast has.</summary>
    public int Horizon { get; }

    /// <summary>How many values were compared.</summary>
    public long Points => (long)Windows * Horizon;

    /// <summary>The quantiles, increasing.</summary>
    public IReadOnlyList<double> Levels { get; }

    /// <summary>For each quantile the share of values at or below it; a calibrated one has its own level.</summary>
    public IReadOnlyList<double> Coverage { get; }
}

using System.Globalization;
using Unroll.Cli.Terminal;
using Unroll.Reports;
using Unroll.Tasks;

namespace Unroll.Cli.Forecasting;

/// <summary>Numbers, dates and score tables as text.</summary>
internal static class Figures
{
    private static readonly string[] ScoreHeader = ["forecaster", "RMSE", "MAE", "sMAPE %", "MASE"];

    /// <summary>A number with about four digits; a dash for one that is not finite.</summary>
    public static string Number(double value)
    {
        double size = Math.Abs(value);
        string format = size >= 1000 ? "0.0" : size >= 1 ? "0.000" : size >= 0.1 ? "0.0000" : "G4";
        return double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "-";
    }

    /// <summary>A date, with its time where the whole series has times of day.</summary>
    public static string Date(DateTime date, bool withTime) => date.ToString(withTime ? "yyyy-MM-dd HH:mm:ss" : "yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The scores for a screen.</summary>
    public static TerminalTable Terminal(ForecastEvaluation evaluation)
    {
        var table = new TerminalTable(ScoreHeader);
        foreach (ForecastScore score in evaluation.Scores) table.AddRow(Row(score));
        return table;
    }

    /// <summary>The scores for a report.</summary>
    public static ReportTable Report(ForecastEvaluation evaluation, string caption)
    {
        var table = new ReportTable(ScoreHeader) { Caption = caption };
        foreach (ForecastScore score in evaluation.Scores) table.AddRow(Row(score));
        return table;
    }

    /// <summary>How often the values lay below the quantiles beside how often they should, in a sentence.</summary>
    public static string Coverage(ForecastEvaluation evaluation)
    {
        if (evaluation.Levels.Count == 0) return "";
        IEnumerable<string> parts = evaluation.Levels.Select((level, q) => string.Create(CultureInfo.InvariantCulture, $"below {level:0.###} lay {evaluation.Coverage[q] * 100:0} % (expected {level * 100:0.#} %)"));
        return $"Of the values, by quantile: {string.Join(", ", parts)}.";
    }

    /// <summary>What a forecaster reads and forecasts, and what was chosen for it, in a clause.</summary>
    public static string Choices(Forecaster forecaster)
    {
        string text = $"reads {Count(forecaster.InputLength, "row")}, forecasts {Count(forecaster.Horizon, "row")}; "
            + (forecaster.Season == 1 ? "no season" : $"season of {Count(forecaster.Season, "row")}");
        if (forecaster.Logarithm) text += ", logarithm";
        if (forecaster.Level != ForecastLevel.None) text += forecaster.Level == ForecastLevel.Last ? ", change from the last value" : ", windows standardised";
        return forecaster.Waves.Count == 0 ? text : $"{text}, calendar waves ({string.Join(", ", forecaster.Waves)})";
    }

    /// <summary>"1 row", "2 rows".</summary>
    public static string Count(long count, string thing) => string.Create(CultureInfo.InvariantCulture, $"{count} {thing}{(count == 1 ? "" : "s")}");

    private static string[] Row(ForecastScore score) =>
        [score.Name, Number(score.RootMeanSquaredError), Number(score.MeanAbsoluteError), Number(score.Smape), Number(score.Mase)];
}

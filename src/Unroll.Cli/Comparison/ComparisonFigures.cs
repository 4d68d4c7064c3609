using System.Globalization;
using Unroll.Cli.Forecasting;
using Unroll.Tasks;

namespace Unroll.Cli.Comparison;

/// <summary>The results of a comparison as a table's cells and as sentences.</summary>
internal static class ComparisonFigures
{
    /// <summary>The columns' names.</summary>
    public static string[] Header(ComparisonTask task) =>
        ["network", "parameters", "learning rate", "validation loss", task.QualityName, "training s", "training MB", "answering MB", "ms an answer"];

    /// <summary>A result's cells.</summary>
    public static string[] Row(ComparisonResult result) =>
    [
        result.Model,
        result.Parameters.ToString("#,0", CultureInfo.InvariantCulture),
        float.IsFinite(result.LearningRate) ? result.LearningRate.ToString(CultureInfo.InvariantCulture) : "-",
        Figures.Number(result.ValidationLoss),
        double.IsFinite(result.Deviation) ? $"{Figures.Number(result.Quality)} ± {Figures.Number(result.Deviation)}" : Figures.Number(result.Quality),
        result.TrainingSeconds.ToString("0.0", CultureInfo.InvariantCulture),
        Megabytes(result.TrainingBytes),
        Megabytes(result.InferenceBytes),
        Figures.Number(result.LatencyMilliseconds),
    ];

    /// <summary>What validation would choose, what the test says of it, and which networks diverged.</summary>
    public static IEnumerable<string> Sentences(ComparisonTask task, IReadOnlyList<ComparisonResult> results)
    {
        ComparisonResult[] finite = [.. results.Where(result => double.IsFinite(result.Quality))];
        if (finite.Length > 0)
        {
            ComparisonResult chosen = finite.MinBy(result => result.ValidationLoss)!;
            ComparisonResult best = task.HigherIsBetter ? finite.MaxBy(result => result.Quality)! : finite.MinBy(result => result.Quality)!;
            yield return $"By validation loss: {chosen.Model}, whose {task.QualityName} on the test is {Figures.Number(chosen.Quality)}"
                + (best.Model == chosen.Model ? ", the best of all." : $"; the best there has {best.Model} with {Figures.Number(best.Quality)}.");
        }
        string[] diverged = [.. results.Except(finite).Select(result => result.Model)];
        if (diverged.Length > 0) yield return $"Diverged at every learning rate: {string.Join(", ", diverged)}.";
    }

    private static string Megabytes(long bytes) => (bytes / (1024.0 * 1024.0)).ToString("0.0", CultureInfo.InvariantCulture);
}

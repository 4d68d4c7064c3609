using Unroll.Training;

namespace Unroll.Bench;

/// <summary>A cell trained on a task; its text is a row of the results.</summary>
internal abstract record CellResult(SequenceCell Cell, int Seed, LayerGradientFlow Flow);

/// <summary>Trains several cells with several seeds on one task, prints their rows and draws how the first seed's gradients run.</summary>
internal static class CellRuns
{
    /// <param name="arguments">Seeds, and the folder for pictures.</param>
    /// <param name="cells">The slowest first.</param>
    /// <param name="task">The picture's name.</param>
    /// <param name="title">What the picture begins with.</param>
    /// <param name="train">Trains a cell with a seed.</param>
    public static void Run(BenchArguments arguments, IEnumerable<SequenceCell> cells, string task, string title, Func<SequenceCell, int, CellResult> train)
    {
        (SequenceCell Cell, int Seed)[] runs = [.. cells.SelectMany(cell => arguments.SeedNumbers.Select(seed => (cell, seed)))];
        CellResult[] results = SideBySide.Run(runs, run => train(run.Cell, run.Seed));
        foreach (CellResult result in results) Console.WriteLine(result);
        GradientPicture.Save(arguments.Pictures, task, $"{title}: what of the loss's gradient arrives, after training with seed {arguments.First}",
            results.Where(result => result.Seed == arguments.First).Select(result => (result.Cell.Name, result.Flow)));
    }
}

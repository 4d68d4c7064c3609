using System.Globalization;
using System.Text;

namespace Unroll.Training;

/// <summary>
/// A text file with a line an epoch. A resumed training keeps the lines of the epochs that its checkpoint knows and
/// drops what a killed one wrote after it.
/// </summary>
internal static class EpochLog
{
    public static void Begin(string path, TrainingContext context, int headerLines)
    {
        if (System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        string kept = "";
        if (context.IsResumed && File.Exists(path))
        {
            int lines = context.History.Epochs.Count == 0 ? 0 : headerLines + context.History.Epochs.Count;
            foreach (string line in File.ReadLines(path).Take(lines)) kept += line + "\n";
        }
        File.WriteAllText(path, kept);
    }

    public static void Append(string path, StringBuilder line) => File.AppendAllText(path, line.Append('\n').ToString());

    /// <summary>The shortest text that gives the same bits; finite numbers alone are JSON's.</summary>
    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

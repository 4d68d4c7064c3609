using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Files;

namespace Unroll.Cli.Runs;

/// <summary>The folder that one training writes: the model, its configuration, the epochs' figures, the checkpoint, the report.</summary>
internal sealed class RunFolder
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>A run in that folder.</summary>
    public RunFolder(string path) => Path = path;

    /// <summary>The folder as it was given.</summary>
    public string Path { get; }

    /// <summary>The trained model.</summary>
    public string Model => In("model.safetensors");

    /// <summary>All settings of the run.</summary>
    public string Configuration => In("configuration.json");

    /// <summary>A line of JSON an epoch.</summary>
    public string Metrics => In("metrics.jsonl");

    /// <summary>What a stopped or killed training goes on from.</summary>
    public string Checkpoint => In("checkpoint.safetensors");

    /// <summary>What the second training, on all rows, goes on from.</summary>
    public string SecondCheckpoint => Checkpoint + ".all";

    /// <summary>The page with charts and tables.</summary>
    public string Report => In("report.html");

    /// <summary>Whether there is something to go on from.</summary>
    public bool HasCheckpoint => File.Exists(Checkpoint);

    /// <summary>The model file that a path means: itself, or the one in a run folder.</summary>
    /// <exception cref="InputException">A folder without a model.</exception>
    public static string ModelIn(string path)
    {
        if (!Directory.Exists(path)) return path;
        var folder = new RunFolder(path);
        if (File.Exists(folder.Model)) return folder.Model;
        throw new InputException($"{path}: expected a run folder with its {System.IO.Path.GetFileName(folder.Model)}, found none in it. "
            + (folder.HasCheckpoint ? "The training has not ended; give its command again with --resume." : "Name the folder that a training wrote, or a model file."));
    }

    /// <summary>
    /// The folder for a run that was given none: runs/NAME, or runs/NAME-2 and so on where that is taken; the last of
    /// them for a run that is resumed.
    /// </summary>
    public static RunFolder Default(string name, bool resume)
    {
        string Numbered(int number) => System.IO.Path.Combine("runs", number == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"));
        int free = 1;
        while (Directory.Exists(Numbered(free))) free++;
        return new RunFolder(Numbered(resume && free > 1 ? free - 1 : free));
    }

    /// <summary>Makes the folder and writes the configuration; an earlier run's files are replaced unless it is resumed.</summary>
    /// <exception cref="InputException">The folder cannot be written, or the run to resume had another configuration.</exception>
    public void Begin(JsonObject configuration, bool resume)
    {
        try
        {
            Directory.CreateDirectory(Path);
            if (resume && File.Exists(Configuration)) RequireSame(configuration);
            else if (!resume)
            {
                foreach (string file in new[] { Model, Metrics, Checkpoint, SecondCheckpoint, Report }) File.Delete(file);
            }
            AtomicFile.WriteText(Configuration, configuration.ToJsonString(Indented) + "\n");
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{Path}: expected a folder that can be written, but {Reason(cause)}. Choose another with --out.", cause);
        }
    }

    /// <summary>Writes the report.</summary>
    public void WriteReport(Reports.HtmlReport report)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        report.WriteTo(text);
        AtomicFile.WriteText(Report, text.ToString());
    }

    private string Reason(Exception cause)
    {
        for (string? at = System.IO.Path.GetFullPath(Path); at is not null; at = System.IO.Path.GetDirectoryName(at))
            if (File.Exists(at)) return $"'{at}' is a file";
        return cause is UnauthorizedAccessException ? "there is no permission" : cause.Message.TrimEnd('.');
    }

    private void RequireSame(JsonObject now)
    {
        JsonObject? then;
        try
        {
            then = JsonNode.Parse(File.ReadAllText(Configuration)) as JsonObject;
        }
        catch (JsonException)
        {
            then = null;
        }
        if (then is null) throw new InputException($"{Configuration}: the configuration of the run to resume cannot be read. Train without --resume.");
        string? different = Difference(now, then, "");
        if (different is not null)
            throw new InputException($"{Configuration}: {different}. Resume with the settings and the data of the run's beginning, or train without --resume.");
    }

    private static string? Difference(JsonObject now, JsonObject then, string prefix)
    {
        foreach (string key in now.Select(pair => pair.Key).Union(then.Select(pair => pair.Key)))
        {
            if (JsonNode.DeepEquals(now[key], then[key])) continue;
            if (now[key] is JsonObject inner && then[key] is JsonObject outer) return Difference(inner, outer, $"{prefix}{key}.");
            return $"'{prefix}{key}' was {then[key]?.ToJsonString() ?? "null"} and is {now[key]?.ToJsonString() ?? "null"} now";
        }
        return null;
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}

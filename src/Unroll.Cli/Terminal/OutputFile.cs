namespace Unroll.Cli.Terminal;

/// <summary>A file of results, opened after minutes of work: what can go wrong is looked for before them.</summary>
internal static class OutputFile
{
    /// <summary>Checks that the folder of an option's file is there; null is no file.</summary>
    /// <exception cref="InputException">It is not.</exception>
    public static void RequireFolder(string option, string? path)
    {
        if (path is not null && Path.GetDirectoryName(Path.GetFullPath(path)) is string folder && !Directory.Exists(folder))
            throw new InputException($"{option} {path}: the folder '{folder}' does not exist. Create it or choose another.");
    }
}

namespace Unroll.Tests.Architecture;

/// <summary>Where the sources are, seen from the built tests.</summary>
internal static class Repository
{
    /// <summary>The folder with Unroll.slnx.</summary>
    public static string Root { get; } = Find();

    /// <summary>The library's source files: path below src/Unroll with forward slashes, and text.</summary>
    public static IReadOnlyDictionary<string, string> LibrarySources()
    {
        string folder = Path.Combine(Root, "src", "Unroll");
        var sources = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
        {
            string path = Path.GetRelativePath(folder, file).Replace('\\', '/');
            if (!path.StartsWith("bin/", StringComparison.Ordinal) && !path.StartsWith("obj/", StringComparison.Ordinal))
                sources.Add(path, File.ReadAllText(file));
        }
        return sources;
    }

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Unroll.slnx"))) return folder.FullName;
        }
        throw new DirectoryNotFoundException($"No folder above '{AppContext.BaseDirectory}' has Unroll.slnx: run the tests from a checkout.");
    }
}

using System.Globalization;
using System.IO.Compression;

namespace Unroll.Tests.Support;

/// <summary>
/// The data sets beside the repository, shared/data. Tests that need one carry <see cref="SharedDataFactAttribute"/>.
/// </summary>
internal static class SharedData
{
    private static readonly string? Root = FindRoot();

    public static bool IsRequired => string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    public static bool Has(string path) => Root is not null && File.Exists(Path.Combine(Root, path));

    /// <summary>The full path of a data file; the error names the file and says where it belongs.</summary>
    public static string PathOf(string path)
    {
        if (Has(path)) return Path.Combine(Root!, path);
        throw new FileNotFoundException($"The data set '{path}' is absent. Put the folder 'shared/data' beside the repository.", path);
    }

    /// <summary>The lines of a text file; one named .gz is unpacked on the way.</summary>
    public static IEnumerable<string> Lines(string path)
    {
        using Stream file = File.OpenRead(PathOf(path));
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line) yield return line;
    }

    /// <summary>The cells of each row, quotes taken off. The cells of these files hold no commas.</summary>
    public static IEnumerable<string[]> Cells(string path)
        => Lines(path).Where(line => line.Length > 0).Select(line => Array.ConvertAll(line.Split(','), cell => cell.Trim('"')));

    /// <summary>A column of numbers by its header.</summary>
    public static float[] Column(string path, string header)
    {
        string[][] rows = [.. Cells(path)];
        int column = Array.IndexOf(rows[0], header);
        return Array.ConvertAll(rows[1..], row => float.Parse(row[column], CultureInfo.InvariantCulture));
    }

    /// <summary>A column of dates, "1949-01" or "1981-01-01" or "2016-07-01 00:00:00".</summary>
    public static DateTime[] Dates(string path, int column = 0)
        => Array.ConvertAll(Cells(path).Skip(1).ToArray(), row => DateTime.ParseExact(row[column],
            ["yyyy-MM", "yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None));

    private static string? FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Unroll.slnx"))) continue;
            return folder.Parent is { } parent ? Path.Combine(parent.FullName, "shared", "data") : null;
        }
        return null;
    }
}

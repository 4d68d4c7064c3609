using System.Globalization;
using System.IO.Compression;
using Unroll.Data;

namespace Unroll.Bench;

/// <summary>Reads the forecasting data sets of the data folder.</summary>
internal static class ForecastingData
{
    /// <summary>One column of a CSV, gzipped or not, with its times in the first column.</summary>
    public static TimeSeries Read(string path, string column, string timeFormat, int rows = int.MaxValue)
    {
        using Stream file = File.OpenRead(path);
        using Stream content = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(content);
        string[] header = Cells(reader.ReadLine()!);
        int index = Array.IndexOf(header, column);
        var times = new List<DateTime>();
        var values = new List<float>();
        while (values.Count < rows && reader.ReadLine() is { } line)
        {
            if (line.Length == 0) continue;
            string[] cells = Cells(line);
            times.Add(DateTime.ParseExact(cells[0], timeFormat, CultureInfo.InvariantCulture));
            values.Add(float.Parse(cells[index], CultureInfo.InvariantCulture));
        }
        return new TimeSeries(column, values.ToArray(), timestamps: times);
    }

    private static string[] Cells(string line) => [.. line.Split(',').Select(cell => cell.Trim('"'))];
}

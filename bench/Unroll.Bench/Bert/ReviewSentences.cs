using System.IO.Compression;
using System.Text.RegularExpressions;

namespace Unroll.Bench.Bert;

/// <summary>The reviews of IMDB as documents of sentences; their labels are left alone.</summary>
internal static partial class ReviewSentences
{
    private const int ReviewColumn = 3;

    /// <summary>One list a review.</summary>
    /// <param name="path">Lines of label, rating, id and review, packed.</param>
    public static IReadOnlyList<string>[] Read(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var documents = new List<IReadOnlyList<string>>();
        while (reader.ReadLine() is { } line)
        {
            string review = line.Split('\t')[ReviewColumn].Replace("<br />", "\n", StringComparison.Ordinal);
            documents.Add([.. End().Split(review).Select(sentence => sentence.Trim()).Where(sentence => sentence.Length > 0)]);
        }
        return [.. documents];
    }

    /// <summary>Whitespace behind a full stop, question or exclamation mark, or the end of a line.</summary>
    [GeneratedRegex(@"(?<=[.!?])\s+|\n+")]
    private static partial Regex End();
}

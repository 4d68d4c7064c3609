using System.Globalization;

namespace Unroll.Reports;

/// <summary>A picture in a report: <see cref="LineChart"/>, <see cref="BarChart"/> or <see cref="AlignmentPicture"/>. Drawn as SVG inside the page.</summary>
public abstract class Chart
{
    /// <summary>How many colours the page's style knows; the next series starts again with the first.</summary>
    internal const int Colours = 8;

    private protected Chart(string title)
    {
        ArgumentNullException.ThrowIfNull(title);
        Title = title;
    }

    /// <summary>What the picture shows; written above it and read to those who cannot see it.</summary>
    public string Title { get; }

    /// <summary>Writes a <c>figure</c> element.</summary>
    internal abstract void WriteTo(TextWriter writer);

    private protected string Accessible => $"role=\"img\" aria-label=\"{HtmlText.Escape(Title)}\"";

    private protected void WriteOpening(TextWriter writer) =>
        writer.Write($"<figure class=\"chart\">\n<figcaption>{HtmlText.Escape(Title)}</figcaption>\n");

    /// <summary>A coordinate: two decimals at most, so that the file is short and the same everywhere.</summary>
    internal static string At(double coordinate)
    {
        string text = coordinate.ToString("0.##", CultureInfo.InvariantCulture);
        return text == "-0" ? "0" : text;
    }

    /// <summary>A word of at most so many characters, cut with an ellipsis; a surrogate pair stays whole.</summary>
    private protected static string Shortened(string word, int most)
    {
        if (word.Length <= most) return word;
        int end = char.IsHighSurrogate(word[most - 2]) ? most - 2 : most - 1;
        return string.Concat(word.AsSpan(0, end), "…");
    }
}

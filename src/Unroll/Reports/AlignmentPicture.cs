using System.Globalization;
using System.Text.Json.Nodes;

namespace Unroll.Reports;

/// <summary>
/// The weights of attention as a picture: source tokens along the top, target tokens down the side, a cell the darker the larger its
/// weight (Bahdanau et al. 2015, figure 3). Weights are drawn from 0 to 1; others are cut to that, NaN stays empty.
/// </summary>
public sealed class AlignmentPicture : Chart
{
    /// <summary>More tokens than this on a side are not drawn; <see cref="ToJson"/> has them all.</summary>
    internal const int MostTokens = 120;

    private const double Cell = 22, CharacterWidth = 7.2, Slope = 0.77, Margin = 14;
    private const int LongestToken = 24;

    private readonly string[] _source, _target;
    private readonly float[,] _weights;

    /// <summary>A picture of one pair of sequences.</summary>
    /// <param name="title">What the picture shows.</param>
    /// <param name="source">The tokens that were attended to; longer than 24 characters they are cut.</param>
    /// <param name="target">The tokens that attended.</param>
    /// <param name="weights">[target, source].</param>
    /// <exception cref="ArgumentException">Weights of another shape.</exception>
    public AlignmentPicture(string title, IReadOnlyList<string> source, IReadOnlyList<string> target, float[,] weights)
        : base(title)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.GetLength(0) != target.Count || weights.GetLength(1) != source.Count)
            throw new ArgumentException($"AlignmentPicture '{title}': expected weights [{target.Count}, {source.Count}], a row for each target token and a column for each source token, received [{weights.GetLength(0)}, {weights.GetLength(1)}].", nameof(weights));
        (_source, _target, _weights) = ([.. source], [.. target], (float[,])weights.Clone());
    }

    private int Columns => Math.Min(_source.Length, MostTokens);

    private int Rows => Math.Min(_target.Length, MostTokens);

    private double Left => Margin + CharacterWidth * Longest(_target, Rows) + 8;

    private double Top => Margin + Slope * CharacterWidth * Longest(_source, Columns) + 12;

    private bool IsCut => Columns < _source.Length || Rows < _target.Length;

    // The last slanted label leans out to the right.
    private double Width => Math.Max(240, Left + Cell * Columns + Slope * CharacterWidth * Longest(_source, Columns) + Margin);

    private double Height => Top + Cell * Rows + Margin + (IsCut ? 18 : 0);

    /// <summary>The picture alone, with its title, as the text of an SVG file that needs no style sheet.</summary>
    public string ToSvg()
    {
        const double titleHeight = 30;
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        string width = At(Width), height = At(Height + titleHeight);
        writer.Write($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" {Accessible}>\n");
        writer.Write($"<style>{ReportStyle.Standalone}</style>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n");
        writer.Write($"<text x=\"{At(Margin)}\" y=\"24\">{HtmlText.Escape(Title)}</text>\n<g transform=\"translate(0 {At(titleHeight)})\" style=\"font-size:12.5px\">\n");
        WriteCells(writer);
        writer.Write("</g>\n</svg>\n");
        return writer.ToString();
    }

    /// <summary>Tokens and all weights as one JSON object: <c>source</c>, <c>target</c>, and <c>weights</c>, a list for each target token. NaN and infinity are null.</summary>
    public string ToJson()
    {
        var rows = new JsonArray();
        for (int i = 0; i < _target.Length; i++)
        {
            var row = new JsonArray();
            for (int j = 0; j < _source.Length; j++) row.Add((JsonNode?)(float.IsFinite(_weights[i, j]) ? JsonValue.Create(_weights[i, j]) : null));
            rows.Add((JsonNode?)row);
        }
        JsonArray Texts(string[] tokens) => [.. tokens.Select(token => (JsonNode)JsonValue.Create(token))];
        return new JsonObject { ["title"] = Title, ["source"] = Texts(_source), ["target"] = Texts(_target), ["weights"] = rows }.ToJsonString();
    }

    internal override void WriteTo(TextWriter writer)
    {
        WriteOpening(writer);
        // Not stretched: a cell of a short sentence stays as large as one of a long sentence.
        writer.Write($"<svg viewBox=\"0 0 {At(Width)} {At(Height)}\" style=\"max-width:{At(Width)}px\" {Accessible}>\n");
        WriteCells(writer);
        writer.Write("</svg>\n</figure>\n");
    }

    private void WriteCells(TextWriter writer)
    {
        double left = Left, top = Top;
        for (int j = 0; j < Columns; j++)
            writer.Write($"<text transform=\"translate({At(left + Cell * (j + 0.5) + 3)} {At(top - 6)}) rotate(-50)\">{Label(_source[j])}</text>\n");
        for (int i = 0; i < Rows; i++)
        {
            writer.Write($"<text x=\"{At(left - 8)}\" y=\"{At(top + Cell * (i + 0.5))}\" dy=\".35em\" text-anchor=\"end\">{Label(_target[i])}</text>\n");
            for (int j = 0; j < Columns; j++)
            {
                string darkness = Math.Clamp(_weights[i, j], 0f, 1f).ToString("0.##", CultureInfo.InvariantCulture);
                if (darkness is "0" or "NaN") continue;
                writer.Write($"<rect class=\"f0\" fill-opacity=\"{darkness}\" x=\"{At(left + Cell * j + 1)}\" y=\"{At(top + Cell * i + 1)}\" width=\"{At(Cell - 2)}\" height=\"{At(Cell - 2)}\"/>\n");
            }
        }
        writer.Write($"<rect class=\"axis\" fill=\"none\" x=\"{At(left)}\" y=\"{At(top)}\" width=\"{At(Cell * Columns)}\" height=\"{At(Cell * Rows)}\"/>\n");
        if (IsCut)
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"<text x=\"{At(Margin)}\" y=\"{At(Height - Margin)}\">{Columns} of {_source.Length} source tokens, {Rows} of {_target.Length} target tokens</text>\n"));
    }

    private static string Label(string token) => HtmlText.Escape(Shortened(token, LongestToken));

    private static int Longest(string[] tokens, int count) => count == 0 ? 0 : tokens.Take(count).Max(token => Math.Min(token.Length, LongestToken));
}

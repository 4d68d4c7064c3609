namespace Unroll.Reports;

/// <summary>
/// A report as one HTML file that needs nothing else: no script, no network, light or dark as the reader's system is
/// set. Equal content gives equal bytes: neither time nor machine nor path is written, and lines end with a line feed.
/// </summary>
/// <remarks>Every text is escaped: names from a user's file cannot become markup.</remarks>
public sealed class HtmlReport
{
    private readonly List<Action<TextWriter>> _sections = [];

    /// <summary>A report without sections.</summary>
    /// <param name="title">The page's title and first heading.</param>
    public HtmlReport(string title)
    {
        ArgumentNullException.ThrowIfNull(title);
        Title = title;
    }

    /// <summary>The page's title and first heading.</summary>
    public string Title { get; }

    /// <summary>Adds a heading over what follows and returns this report.</summary>
    public HtmlReport AddHeading(string text) => Add("h2", text);

    /// <summary>Adds a paragraph and returns this report.</summary>
    public HtmlReport AddParagraph(string text) => Add("p", text);

    /// <summary>Adds a list of names with their values, such as the settings of a run, and returns this report.</summary>
    public HtmlReport AddKeyValues(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        KeyValuePair<string, string>[] copy = [.. pairs];
        _sections.Add(writer =>
        {
            writer.Write("<dl>\n");
            foreach ((string key, string value) in copy)
                writer.Write($"<dt>{HtmlText.Escape(key)}</dt><dd>{HtmlText.Escape(value)}</dd>\n");
            writer.Write("</dl>\n");
        });
        return this;
    }

    /// <summary>Adds a table and returns this report. Rows added to the table before the report is written appear too.</summary>
    public HtmlReport AddTable(ReportTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        _sections.Add(table.WriteTo);
        return this;
    }

    /// <summary>Adds a chart and returns this report. What is added to the chart before the report is written appears too.</summary>
    public HtmlReport AddChart(Chart chart)
    {
        ArgumentNullException.ThrowIfNull(chart);
        _sections.Add(chart.WriteTo);
        return this;
    }

    /// <summary>Writes the whole page; the file should be UTF-8.</summary>
    public void WriteTo(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        string title = HtmlText.Escape(Title);
        writer.Write("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        writer.Write("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        writer.Write($"<title>{title}</title>\n<style>\n{ReportStyle.Sheet}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n");
        foreach (Action<TextWriter> section in _sections) section(writer);
        writer.Write("</main>\n</body>\n</html>\n");
    }

    private HtmlReport Add(string element, string text)
    {
        string escaped = HtmlText.Escape(text);
        _sections.Add(writer => writer.Write($"<{element}>{escaped}</{element}>\n"));
        return this;
    }
}

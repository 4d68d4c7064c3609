namespace Unroll.Text;

/// <summary>Texts and what they stand for in another language, pair by pair.</summary>
public sealed class ParallelText
{
    private readonly List<string> _sources = [], _targets = [];

    private ParallelText()
    {
    }

    /// <summary>The texts.</summary>
    public IReadOnlyList<string> Sources => _sources;

    /// <summary>For each source its counterpart.</summary>
    public IReadOnlyList<string> Targets => _targets;

    /// <summary>How many pairs there are.</summary>
    public int Count => _sources.Count;

    /// <summary>How many pairs were left out because a side was empty.</summary>
    public int SkippedCount { get; private set; }

    /// <summary>Reads two files of which equal lines belong together.</summary>
    /// <param name="sourcePath">The file of sources, in UTF-8.</param>
    /// <param name="targetPath">The file of targets, in UTF-8.</param>
    /// <param name="emptyLines">What becomes of pairs of which a side is empty or whitespace. Default <see cref="EmptyLines.Refuse"/>.</param>
    /// <exception cref="TextFileException">A file that <see cref="TextLines"/> refuses, unequal numbers of lines, or an empty side that is refused.</exception>
    public static ParallelText FromFiles(string sourcePath, string targetPath, EmptyLines emptyLines = EmptyLines.Refuse)
    {
        var text = new ParallelText();
        using IEnumerator<string> sources = TextLines.Read(sourcePath).GetEnumerator(), targets = TextLines.Read(targetPath).GetEnumerator();
        for (long line = 1; ; line++)
        {
            bool hasSource = sources.MoveNext(), hasTarget = targets.MoveNext();
            if (hasSource != hasTarget)
            {
                (string shorter, string longer, IEnumerator<string> rest) = hasSource ? (targetPath, sourcePath, sources) : (sourcePath, targetPath, targets);
                long lines = line;
                while (rest.MoveNext()) lines++;
                throw new TextFileException($"{shorter}, line {line}: expected a line for each of the {lines} of {longer}, found the end of the file after {line - 1}. Equal lines belong together; add what is missing.");
            }
            if (!hasSource) return text;
            text.Add(sources.Current, targets.Current, emptyLines, sourcePath, targetPath, line);
        }
    }

    /// <summary>Reads a file with a pair a line: source, tab, target. Further columns, as those with a pair's origin, are left out.</summary>
    /// <param name="path">The file, in UTF-8.</param>
    /// <param name="emptyLines">What becomes of pairs of which a side is empty or whitespace, and of empty lines. Default <see cref="EmptyLines.Refuse"/>.</param>
    /// <exception cref="TextFileException">A file that <see cref="TextLines"/> refuses, a line without a tab, or an empty side that is refused.</exception>
    public static ParallelText FromTable(string path, EmptyLines emptyLines = EmptyLines.Refuse)
    {
        var text = new ParallelText();
        long number = 0;
        foreach (string line in TextLines.Read(path))
        {
            number++;
            int tab = line.IndexOf('\t', StringComparison.Ordinal);
            if (tab < 0 && !string.IsNullOrWhiteSpace(line))
                throw new TextFileException($"{path}, line {number}: expected source and target with a tab between, found no tab. Give a file of two columns.");
            string target = tab < 0 ? "" : line[(tab + 1)..];
            int end = target.IndexOf('\t', StringComparison.Ordinal);
            text.Add(tab < 0 ? "" : line[..tab], end < 0 ? target : target[..end], emptyLines, path, path, number);
        }
        return text;
    }

    private void Add(string source, string target, EmptyLines emptyLines, string sourcePath, string targetPath, long line)
    {
        bool noSource = string.IsNullOrWhiteSpace(source);
        if (!noSource && !string.IsNullOrWhiteSpace(target))
        {
            _sources.Add(source);
            _targets.Add(target);
        }
        else if (emptyLines == EmptyLines.Skip)
        {
            SkippedCount++;
        }
        else
        {
            throw new TextFileException($"{(noSource ? sourcePath : targetPath)}, line {line}: the {(noSource ? "source" : "target")} is empty. Fill it, or have such pairs skipped (EmptyLines.Skip).");
        }
    }
}

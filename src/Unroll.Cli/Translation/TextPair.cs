using Unroll.Cli.Runs;
using Unroll.Text;

namespace Unroll.Cli.Translation;

/// <summary>Two files of which equal lines belong together, read.</summary>
/// <param name="Text">The pairs.</param>
/// <param name="Hash">What the files held.</param>
internal sealed record TextPair(ParallelText Text, string Hash)
{
    /// <summary>Reads both files.</summary>
    /// <exception cref="TextFileException">A file that cannot be read, unequal numbers of lines, or an empty line that is not to be skipped.</exception>
    public static TextPair Read(string source, string target, EmptyLines emptyLines)
    {
        var text = ParallelText.FromFiles(source, target, emptyLines);
        if (text.Count == 0) throw new InputException($"{source}: expected at least one line of text, found none.");
        return new TextPair(text, $"{FileHash.Of(source)},{FileHash.Of(target)}");
    }
}

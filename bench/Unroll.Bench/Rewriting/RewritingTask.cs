using Unroll.Basics;

namespace Unroll.Bench.Rewriting;

/// <summary>A text to be written anew, character by character, from one that was read; drawn without end.</summary>
internal abstract class RewritingTask
{
    private const char First = ' ', Last = '~';

    /// <summary>Ids before those of the printable characters of ASCII.</summary>
    public const int Begin = 0, End = 1;

    /// <summary>How many ids there are.</summary>
    public const int Vocabulary = 2 + Last - First + 1;

    /// <summary>What results call it.</summary>
    public abstract string Name { get; }

    /// <summary>What a picture calls it.</summary>
    public abstract string Title { get; }

    /// <summary>A text and what it becomes: the same for the same stream.</summary>
    public abstract (string Read, string Written) Draw(RandomStream draws);

    /// <summary>The ids of a text.</summary>
    public static int[] Ids(string text) => [.. text.Select(character => 2 + character - First)];

    /// <summary>The text of ids.</summary>
    public static string Text(IEnumerable<int> ids) => string.Concat(ids.Select(id => (char)(First + id - 2)));
}

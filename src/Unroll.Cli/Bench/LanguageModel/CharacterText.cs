using System.Text;

namespace Unroll.Cli.Bench.LanguageModel;

/// <summary>
/// A text as numbers: every character is its place in the sorted set of the text's characters (Unicode scalar values), and
/// the beginning is cut into rows that are read side by side, each from its start to its end.
/// </summary>
internal sealed class CharacterText
{
    /// <summary>The most characters that a row has.</summary>
    public const int MostCharactersOfRow = 4000;

    private readonly int[] _ids;

    private CharacterText(int vocabulary, int[] ids, int rows)
    {
        Vocabulary = vocabulary;
        _ids = ids;
        Rows = rows;
        RowLength = (ids.Length - 1) / rows;
    }

    /// <summary>V, how many different characters the whole text has.</summary>
    public int Vocabulary { get; }

    /// <summary>B, how many rows are read side by side.</summary>
    public int Rows { get; }

    /// <summary>Characters of a row that have a successor.</summary>
    public int RowLength { get; }

    /// <summary>Reads a UTF-8 file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rows">B, at least 1.</param>
    /// <param name="steps">T, steps of a batch, at most <see cref="MostCharactersOfRow"/>.</param>
    /// <exception cref="InputException">The file cannot be read, is no UTF-8, or is too short for one batch.</exception>
    public static CharacterText Read(string path, int rows, int steps)
    {
        string text;
        try
        {
            text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new InputException(Directory.Exists(path)
                ? $"{path}: expected a text file, found a folder."
                : $"{path}: the text cannot be read: {(File.Exists(path) ? "no permission" : "no such file")}. Check the path.", cause);
        }
        catch (DecoderFallbackException cause)
        {
            throw new InputException($"{path}: expected text in UTF-8, found another encoding at byte {cause.Index}. Convert the file to UTF-8.", cause);
        }
        return Of(text, path, rows, steps);
    }

    /// <summary>Takes a text apart.</summary>
    /// <exception cref="InputException">It is too short for one batch.</exception>
    public static CharacterText Of(string text, string path, int rows, int steps)
    {
        if (text.Length == 0) throw new InputException($"{path}: the text is empty; expected at least {rows * (long)steps + 1:#,0} characters.");
        Rune[] characters = [.. text.EnumerateRunes()];
        // Every row needs its steps, and the last character of all its successor.
        if (characters.Length < rows * (long)steps + 1)
        {
            throw new InputException($"{path}: expected at least {rows * (long)steps + 1:#,0} characters, a batch of {rows} rows of {steps} steps and one more, "
                + $"found {characters.Length:#,0}. Give a longer text, or a smaller --batch or --steps.");
        }
        Rune[] vocabulary = [.. characters.Distinct().Order()];
        var places = vocabulary.Select((character, place) => (character, place)).ToDictionary(pair => pair.character, pair => pair.place);
        int used = (int)Math.Min(characters.Length, rows * (long)MostCharactersOfRow + 1);
        return new CharacterText(vocabulary.Length, [.. characters.Take(used).Select(character => places[character])], rows);
    }

    /// <summary>Copies a batch, row-major [B, T]: characters from a position of every row on, and the one after each.</summary>
    public void CopyBatch(int position, int steps, Span<float> characters, Span<float> next)
    {
        for (int row = 0; row < Rows; row++)
        {
            int from = row * RowLength + position;
            for (int t = 0; t < steps; t++)
            {
                characters[row * steps + t] = _ids[from + t];
                next[row * steps + t] = _ids[from + t + 1];
            }
        }
    }
}

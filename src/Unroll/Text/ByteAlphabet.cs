using System.Text;
using Unroll.Basics;

namespace Unroll.Text;

/// <summary>
/// A visible character for each byte, by which tokens that are bytes have a text (Radford et al. 2019, "Language Models are
/// Unsupervised Multitask Learners"; their published encoder): bytes that print in Latin-1 are themselves, the others U+0100
/// and on in their order, so that a space is Ġ.
/// </summary>
internal static class ByteAlphabet
{
    private const int FirstOther = 0x100;

    private static readonly char[] s_characters = Characters();
    private static readonly short[] s_bytes = Bytes();

    /// <summary>The 256 one-byte tokens in the bytes' order.</summary>
    public static IEnumerable<string> Tokens => s_characters.Select(character => character.ToString());

    /// <summary>The token of bytes.</summary>
    public static string TokenOf(ReadOnlySpan<byte> bytes) => string.Create(bytes.Length, bytes, static (characters, bytes) =>
    {
        for (int i = 0; i < characters.Length; i++) characters[i] = s_characters[bytes[i]];
    });

    /// <summary>The ids of the 256 one-byte tokens.</summary>
    /// <param name="vocabulary">Whose ids.</param>
    /// <param name="title">What the message begins with.</param>
    /// <exception cref="ArgumentException">A byte without a token, or a token that is neither special nor bytes.</exception>
    public static int[] IdsIn(Vocabulary vocabulary, string title)
    {
        for (int id = 0; id < vocabulary.Count; id++)
        {
            string token = vocabulary.TokenOf(id);
            if (!vocabulary.IsSpecial(id) && token.Any(character => ByteOf(character) < 0))
                throw new ArgumentException($"{title}: token {id}, {QuotedText.Of(token)}, is neither special nor written in the characters that stand for bytes.", nameof(vocabulary));
        }
        var ids = new int[256];
        for (int i = 0; i < ids.Length; i++)
        {
            if (!vocabulary.TryGetId([s_characters[i]], out ids[i]) || vocabulary.IsSpecial(ids[i]))
                throw new ArgumentException($"{title}: the vocabulary has no token '{s_characters[i]}' for the byte 0x{i:x2}; a tokenizer of bytes needs all 256.", nameof(vocabulary));
        }
        return ids;
    }

    /// <summary>The text of tokens: their bytes as UTF-8, invalid sequences as U+FFFD; special tokens as they are written.</summary>
    public static string TextOf(Vocabulary vocabulary, IReadOnlyList<int> ids)
    {
        var bytes = new List<byte>(ids.Count * 2);
        foreach (int id in ids)
        {
            string token = vocabulary.TokenOf(id);
            if (vocabulary.IsSpecial(id)) bytes.AddRange(Encoding.UTF8.GetBytes(token));
            else foreach (char character in token) bytes.Add((byte)ByteOf(character));
        }
        return Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes));
    }

    /// <summary>The byte that a character stands for, or −1.</summary>
    private static int ByteOf(char character) => character < s_bytes.Length ? s_bytes[character] : -1;

    private static char[] Characters()
    {
        var characters = new char[256];
        int other = FirstOther;
        for (int i = 0; i < characters.Length; i++)
            characters[i] = i is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE ? (char)i : (char)other++;
        return characters;
    }

    private static short[] Bytes()
    {
        var bytes = new short[s_characters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (int i = 0; i < s_characters.Length; i++) bytes[s_characters[i]] = (short)i;
        return bytes;
    }
}

using System.Text;

namespace Unroll.Tests.Text;

/// <summary>Texts of seeded draws from all of Unicode and from what tends to go wrong.</summary>
internal static class RandomTexts
{
    private static readonly string[] s_awkward =
    [
        "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "e\u0301", "\u0301", "ä", "שלום", "مرحبا", "\u202Eabc\u202C", "你好", "한국어", "\u1112\u1161\u11AB", "\0", "\uFFFD", "\uFEFF",
        "  ", "\r\n", "\t", "\u00A0", "\u2028", "don't", "'ll", "’", "<pad>", "Ġ", "0x00", "𝒳", "\U0010FFFF", "\uFFFF", "ﬁ", "İ", "ß", "1234567890",
    ];

    public static IEnumerable<string> Some(int count, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            var text = new StringBuilder();
            for (int left = random.Next(30); left > 0; left--)
            {
                switch (random.Next(3))
                {
                    case 0: text.Append(s_awkward[random.Next(s_awkward.Length)]); break;
                    case 1: text.Append((char)random.Next(' ', 127)); break;
                    default:
                        int code = random.Next(0x110000 - 0x800);
                        text.Append(new Rune(code < 0xD800 ? code : code + 0x800).ToString());
                        break;
                }
            }
            yield return text.ToString();
        }
    }
}

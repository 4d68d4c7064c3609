using System.Text;

namespace Unroll.Tests.Architecture;

/// <summary>C# text without what is not code.</summary>
internal static class SourceCode
{
    /// <summary>
    /// The source with comments and the text of strings and characters as blanks, line ends kept. Code in the holes of
    /// interpolated strings stays.
    /// </summary>
    public static string WithoutCommentsAndText(string source)
    {
        var scanner = new Scanner(source);
        scanner.Code(holeBraces: 0);
        return scanner.Result;
    }

    private sealed class Scanner(string source)
    {
        private readonly StringBuilder _code = new(source.Length);
        private int _at;

        public string Result => _code.ToString();

        /// <summary>Copies code; for a hole of an interpolated string, until the braces that close it.</summary>
        public void Code(int holeBraces)
        {
            int depth = 0;
            while (_at < source.Length)
            {
                if (Has("//")) Blank(LengthTo('\n'));
                else if (Has("/*")) Blank(LengthThrough("*/", 2));
                else if (source[_at] == '\'') Character();
                else if (source[_at] is '"' or '$' or '@' && TextStart(out int dollars, out bool verbatim, out int prefix))
                {
                    Blank(prefix);
                    Text(dollars, verbatim);
                }
                else
                {
                    if (source[_at] == '{') depth++;
                    if (source[_at] == '}' && depth-- == 0 && holeBraces > 0)
                    {
                        Blank(holeBraces);
                        return;
                    }
                    _code.Append(source[_at++]);
                }
            }
        }

        private bool TextStart(out int dollars, out bool verbatim, out int prefix)
        {
            int end = _at;
            while (end < source.Length && source[end] is '$' or '@') end++;
            ReadOnlySpan<char> marks = source.AsSpan(_at, end - _at);
            dollars = marks.Count('$');
            verbatim = marks.Contains('@');
            prefix = marks.Length;
            return end < source.Length && source[end] == '"';
        }

        private void Text(int dollars, bool verbatim)
        {
            int quotes = Run('"');
            if (!verbatim && quotes >= 3)
            {
                Blank(quotes);
                Body(dollars, quotes, raw: true, verbatim: false);
            }
            else
            {
                Blank(1);
                Body(dollars, 1, raw: false, verbatim);
            }
        }

        private void Body(int dollars, int quotes, bool raw, bool verbatim)
        {
            while (_at < source.Length)
            {
                if (source[_at] == '\\' && !raw && !verbatim) Blank(2);
                else if (source[_at] == '"')
                {
                    int run = Run('"');
                    if (verbatim && run >= 2) Blank(2);
                    else if (run >= quotes)
                    {
                        Blank(raw ? run : 1);
                        return;
                    }
                    else Blank(run);
                }
                else if (source[_at] == '{' && dollars > 0)
                {
                    int run = Run('{');
                    if (!raw && run >= 2) Blank(2);
                    else if (run < dollars) Blank(run);
                    else
                    {
                        Blank(run);
                        Code(dollars);
                    }
                }
                else Blank(1);
            }
        }

        private void Character()
        {
            int length = 1;
            while (_at + length < source.Length && source[_at + length] != '\'' && source[_at + length] != '\n')
                length += source[_at + length] == '\\' ? 2 : 1;
            Blank(length + 1);
        }

        private bool Has(string text) => string.CompareOrdinal(source, _at, text, 0, text.Length) == 0;

        private int Run(char c)
        {
            int length = 0;
            while (_at + length < source.Length && source[_at + length] == c) length++;
            return length;
        }

        private int LengthTo(char c) => source.IndexOf(c, _at) is var end && end < 0 ? source.Length - _at : end - _at;

        private int LengthThrough(string text, int skip) =>
            source.IndexOf(text, _at + skip, StringComparison.Ordinal) is var end && end < 0 ? source.Length - _at : end + text.Length - _at;

        private void Blank(int length)
        {
            for (int end = Math.Min(_at + length, source.Length); _at < end; _at++)
                _code.Append(source[_at] is '\n' or '\r' ? source[_at] : ' ');
        }
    }
}

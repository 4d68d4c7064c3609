using System.Text;

namespace Unroll.Reports;

/// <summary>Text made safe for HTML, both between tags and inside quoted attributes.</summary>
internal static class HtmlText
{
    /// <summary>
    /// Escapes the five characters with a meaning in HTML. Control characters and lone surrogates, which no HTML file
    /// may hold, become U+FFFD; tab and line ends stay.
    /// </summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            switch (c)
            {
                case '&': escaped.Append("&amp;"); break;
                case '<': escaped.Append("&lt;"); break;
                case '>': escaped.Append("&gt;"); break;
                case '"': escaped.Append("&quot;"); break;
                case '\'': escaped.Append("&#39;"); break;
                case '\t' or '\n' or '\r': escaped.Append(c); break;
                case < ' ' or (>= '\u007f' and <= '\u009f') or '\ufffe' or '\uffff': escaped.Append('\ufffd'); break;
                default:
                    if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                        escaped.Append(c).Append(text[++i]);
                    else
                        escaped.Append(char.IsSurrogate(c) ? '\ufffd' : c);
                    break;
            }
        }
        return escaped.ToString();
    }
}

namespace Unroll.Text;

/// <summary>A text's tokens.</summary>
/// <param name="Ids">The tokens' ids.</param>
/// <param name="Spans">
/// Where each stands in the text that was given. Tokens that share a character, as its bytes do, have that character; special
/// tokens have length 0, at the text's start or behind its last token.
/// </param>
/// <param name="IsTruncated">Whether the limit cut tokens off.</param>
public sealed record TokenizedText(int[] Ids, TextSpan[] Spans, bool IsTruncated);

namespace Unroll.Tasks;

/// <summary>A translated sentence.</summary>
/// <param name="Text">The translation.</param>
/// <param name="Score">By what the search compared it; see <see cref="Decoding.GeneratedSequence"/>.</param>
/// <param name="Ended">Whether it was written to its end; false where the largest length cut it off.</param>
/// <param name="SourceTokens">The tokens that were read, the end last.</param>
/// <param name="TargetTokens">The tokens that were written, the end last where it was.</param>
/// <param name="Alignment">[target tokens, source tokens]: how much each source token was attended to; rows sum to 1. Null unless asked for.</param>
public sealed record Translation(
    string Text, double Score, bool Ended, IReadOnlyList<string> SourceTokens, IReadOnlyList<string> TargetTokens, float[,]? Alignment);

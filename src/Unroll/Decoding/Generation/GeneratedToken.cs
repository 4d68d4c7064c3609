namespace Unroll.Decoding;

/// <summary>One choice while sequences are generated.</summary>
/// <param name="Source">Which of the sequences.</param>
/// <param name="Position">Its place, from 0.</param>
/// <param name="Token">The token.</param>
/// <param name="LogProbability">The model's log probability of it, before temperature and the like.</param>
/// <param name="IsEnd">Whether it is the end token, which is not part of the answer.</param>
public readonly record struct GeneratedToken(int Source, int Position, int Token, float LogProbability, bool IsEnd);

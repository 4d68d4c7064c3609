namespace Unroll.Decoding;

/// <summary>An answer, token by token.</summary>
/// <param name="Tokens">Without the tokens that begin and end it.</param>
/// <param name="LogProbabilities">The model's log probability of each token, and last, where it <paramref name="Ended"/>, of the end.</param>
/// <param name="Ended">Whether the end was chosen; false where the largest length cut it off.</param>
/// <param name="Score">By what answers are compared: the sum of the log probabilities with the search's penalties.</param>
public sealed record GeneratedSequence(IReadOnlyList<int> Tokens, IReadOnlyList<float> LogProbabilities, bool Ended, double Score)
{
    /// <summary>The sum of the log probabilities.</summary>
    public double LogProbability => LogProbabilities.Sum(value => (double)value);
}

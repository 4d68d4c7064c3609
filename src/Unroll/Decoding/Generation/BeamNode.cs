namespace Unroll.Decoding;

/// <summary>A sequence under way in a <see cref="BeamSearch"/>: its last token, and the sequence before it, which others may share.</summary>
internal sealed class BeamNode
{
    private int[]? _tokens;

    /// <summary>The beginning of all sequences of a source.</summary>
    public BeamNode(int beginToken) => Token = beginToken;

    private BeamNode(BeamNode before, int token, float logProbability, int row)
    {
        (Before, Token, LogProbability, Row) = (before, token, logProbability, row);
        Length = before.Length + 1;
        Total = before.Total + logProbability;
    }

    public BeamNode? Before { get; }

    public int Token { get; }

    public float LogProbability { get; }

    /// <summary>The log probability of the whole.</summary>
    public double Total { get; }

    /// <summary>Tokens, without the one that begins.</summary>
    public int Length { get; }

    /// <summary>The model's row in which the sequence before the last token was.</summary>
    public int Row { get; }

    /// <summary>How much each place of the source was listened to in all; null without attention.</summary>
    public float[]? Coverage { get; private set; }

    /// <summary>The tokens so far, made when asked for.</summary>
    public IReadOnlyList<int> Tokens => _tokens ??= Before is null ? [] : [.. Before.Tokens, Token];

    /// <summary>The sequence with one more token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="logProbability">Its own.</param>
    /// <param name="row">The model's row of this sequence.</param>
    /// <param name="attention">What the row listened to in the step that chose the token; empty where that is not asked for.</param>
    public BeamNode With(int token, float logProbability, int row, ReadOnlySpan<float> attention)
    {
        var longer = new BeamNode(this, token, logProbability, row);
        if (attention.IsEmpty) return longer;
        longer.Coverage = attention.ToArray();
        if (Coverage is { } before)
            for (int i = 0; i < before.Length; i++) longer.Coverage[i] += before[i];
        return longer;
    }

    /// <summary>The answer that it is.</summary>
    public GeneratedSequence Answer(bool ended, double score)
    {
        var logs = new float[Length];
        for (BeamNode node = this; node.Before is not null; node = node.Before) logs[node.Length - 1] = node.LogProbability;
        return new GeneratedSequence(ended ? Before!.Tokens : Tokens, logs, ended, score);
    }
}

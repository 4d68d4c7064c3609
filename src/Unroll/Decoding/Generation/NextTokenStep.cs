using Unroll.Kernels.Softmax;

namespace Unroll.Decoding;

/// <summary>One step of a model over its rows, with what the options forbid: the log probabilities from which a token is chosen.</summary>
internal sealed class NextTokenStep(INextTokenModel model, GenerationOptions options)
{
    private float[] _logits = [], _logs = [];

    public int Vocabulary { get; } = model.VocabularySize;

    /// <summary>The log probabilities of a row, −∞ where a token is forbidden.</summary>
    public ReadOnlySpan<float> Of(int row) => _logs.AsSpan(row * Vocabulary, Vocabulary);

    /// <summary>Runs the model.</summary>
    /// <param name="lastTokens">[rows].</param>
    /// <param name="sources">The source of each row.</param>
    /// <param name="length">How many tokens each row has so far.</param>
    /// <param name="tokensOf">Those tokens, for a filter.</param>
    /// <exception cref="InvalidOperationException">A logit that is NaN or +∞.</exception>
    public unsafe void Run(ReadOnlySpan<int> lastTokens, ReadOnlySpan<int> sources, int length, Func<int, IReadOnlyList<int>> tokensOf)
    {
        int count = checked(lastTokens.Length * Vocabulary);
        if (_logits.Length < count) (_logits, _logs) = (new float[count], new float[count]);
        model.Step(lastTokens, _logits.AsSpan(0, count));
        for (int row = 0; row < lastTokens.Length; row++)
        {
            Span<float> logits = _logits.AsSpan(row * Vocabulary, Vocabulary), logs = _logs.AsSpan(row * Vocabulary, Vocabulary);
            options.Filter?.Invoke(sources[row], tokensOf(row), logits);
            foreach (float logit in logits)
                if (!(logit < float.PositiveInfinity)) throw new InvalidOperationException($"Generation: source {sources[row]}, token {length}: a logit is {logit}; expected numbers or -infinity. Look for NaN in the model's weights.");
            if (logits.IndexOfAnyExcept(float.NegativeInfinity) < 0)
            {
                logs.Fill(float.NegativeInfinity); // nothing may come next, and its softmax would be NaN
                continue;
            }
            fixed (float* from = logits, to = logs) SoftmaxKernel.Forward(from, to, 1, Vocabulary, logarithm: true);
            Force(logs, sources[row], length);
        }
    }

    /// <summary>Leaves the prefix's token alone, or takes the end away where it is too early.</summary>
    private void Force(Span<float> logs, int source, int length)
    {
        if (options.Prefixes?[source] is { } prefix && length < prefix.Count)
        {
            float kept = logs[prefix[length]];
            logs.Fill(float.NegativeInfinity);
            logs[prefix[length]] = kept;
        }
        else if (options.EndToken is { } end && length < options.MinimumLength)
        {
            logs[end] = float.NegativeInfinity;
        }
    }
}

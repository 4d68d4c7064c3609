namespace Unroll.Decoding;

/// <summary>
/// A model that is asked for the next token of several sequences at once, again and again: a language model, or a decoder with what
/// it listens to. It keeps its own state, a row for each sequence; <see cref="BeamSearch"/> and <see cref="TokenGenerator"/> tell it what
/// each row goes on with.
/// </summary>
public interface INextTokenModel
{
    /// <summary>V: how many tokens there are.</summary>
    int VocabularySize { get; }

    /// <summary>How many sequences there are now; before the first step one for each source.</summary>
    int Rows { get; }

    /// <summary>Computes how likely each token comes next.</summary>
    /// <param name="lastTokens">[rows]: each sequence's last token, before the first step the one that begins it.</param>
    /// <param name="logits">[rows, V], to be filled; any constant may be added to a row.</param>
    void Step(ReadOnlySpan<int> lastTokens, Span<float> logits);

    /// <summary>Drops, repeats and moves sequences: row i becomes what row <c>sources[i]</c> was.</summary>
    /// <param name="sources">[rows from now on].</param>
    void Select(ReadOnlySpan<int> sources);

    /// <summary>How much a row listened to each place of its source in the last step: weights from 0 to 1; empty for a model that does not.</summary>
    /// <param name="row">From 0.</param>
    ReadOnlySpan<float> AttentionOf(int row) => default;
}

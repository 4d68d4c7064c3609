using Unroll.Metrics.Sequences;

namespace Unroll.Tasks;

/// <summary>How good a translator is on text that it has not seen.</summary>
/// <param name="Bleu">Against the references as they were read, lowered where the translator lowers.</param>
/// <param name="Chrf">Likewise.</param>
/// <param name="Perplexity">e to the mean loss of a target's token, ends included; comparable only where tokens are the same.</param>
/// <param name="WordPerplexity">The same loss divided by the references' words between blanks, ends included; comparable across tokens.</param>
/// <param name="Translations">What was compared.</param>
public sealed record TranslationScore(BleuScore Bleu, ChrfScore Chrf, double Perplexity, double WordPerplexity, IReadOnlyList<Translation> Translations);

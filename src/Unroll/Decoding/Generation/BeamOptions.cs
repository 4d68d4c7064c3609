namespace Unroll.Decoding;

/// <summary>What <see cref="BeamSearch"/> looks for.</summary>
public sealed record BeamOptions : GenerationOptions
{
    /// <summary>K: how many sequences of a source are followed at once. At least 1; default 5.</summary>
    public int Width { get; init; } = 5;

    /// <summary>How many answers a source, best first, from 1 to the width; there may be fewer. Default 1.</summary>
    public int Best { get; init; } = 1;

    /// <summary>
    /// α of the length penalty of Wu et al. 2016 (arXiv 1609.08144, equation 14): a sequence's log probability is divided by
    /// ((5 + length) / 6)^α before sequences are compared, the end counting as a token. Finite, at least 0; default 0.6. 0 prefers short answers.
    /// </summary>
    public double LengthPenalty { get; init; } = 0.6;

    /// <summary>
    /// β of the coverage penalty, ibid.: β Σᵢ log min(Σₜ aₜᵢ, 1) is added, a the attention to place i of the source at step t, so that nothing is left
    /// unsaid. Needs a model with attention. Finite, at least 0; default 0.
    /// </summary>
    public double CoveragePenalty { get; init; }

    /// <summary>
    /// Into how many groups of equal size the beam is divided, each of which avoids the tokens that earlier groups chose at the same step (diverse beam search, Vijayakumar
    /// et al. 2018, arXiv 1610.02424). A divisor of the width; default 1.
    /// </summary>
    public int Groups { get; init; } = 1;

    /// <summary>λ, what a token loses for each earlier group's sequence that chose it (Hamming diversity). Finite, at least 0; default 0.5. With one group it does nothing.</summary>
    public double Diversity { get; init; } = 0.5;

    internal override void Check(INextTokenModel model)
    {
        base.Check(model);
        Require(Width >= 1, nameof(Width), Width, "at least 1");
        Require(Best >= 1 && Best <= Width, nameof(Best), Best, $"1 to Width, {Width}");
        Require(double.IsFinite(LengthPenalty) && LengthPenalty >= 0, nameof(LengthPenalty), LengthPenalty, "a finite number of at least 0");
        Require(double.IsFinite(CoveragePenalty) && CoveragePenalty >= 0, nameof(CoveragePenalty), CoveragePenalty, "a finite number of at least 0");
        Require(Groups >= 1 && Width % Groups == 0, nameof(Groups), Groups, $"a divisor of Width, {Width}");
        Require(double.IsFinite(Diversity) && Diversity >= 0, nameof(Diversity), Diversity, "a finite number of at least 0");
    }
}

namespace Unroll.Decoding;

/// <summary>
/// How the next token is drawn. What the numbers leave is renormalised after each: repetition penalty and temperature, then top-k, typical, top-p and min-p; the
/// likeliest token is always left.
/// </summary>
public sealed record TokenSampling
{
    /// <summary>Always the likeliest token; of equal ones the lowest.</summary>
    public static TokenSampling Greedy { get; } = new() { Temperature = 0 };

    /// <summary>T, by which log probabilities are divided: below 1 bolder, 0 the likeliest alone. Finite, at least 0; default 1.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>k, how many of the likeliest are left (Fan et al. 2018, arXiv 1805.04833). At least 0; default 0, all.</summary>
    public int TopK { get; init; }

    /// <summary>The likeliest are left until their probabilities reach this sum (nucleus sampling, Holtzman et al. 2020, arXiv 1904.09751). Above 0, at most 1; default 1, all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Tokens below this share of the likeliest one's probability fall out (Nguyen et al. 2024, arXiv 2407.01082). From 0 to 1; default 0.</summary>
    public double MinP { get; init; }

    /// <summary>
    /// The tokens whose surprise −log p is nearest to the entropy are left until their probabilities reach this sum (locally typical sampling, Meister et al.
    /// 2023, arXiv 2202.00666). Above 0, at most 1; default 1, all.
    /// </summary>
    public double TypicalP { get; init; } = 1;

    /// <summary>θ, by which the log probability of a token is multiplied that the sequence has already (after Keskar et al. 2019, arXiv 1909.05858). Finite, at least 1; default 1.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Refuses numbers out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The first of them.</exception>
    internal void Check()
    {
        Require(double.IsFinite(Temperature) && Temperature >= 0, nameof(Temperature), Temperature, "a finite number of at least 0");
        Require(TopK >= 0, nameof(TopK), TopK, "at least 0");
        Require(TopP is > 0 and <= 1, nameof(TopP), TopP, "a share above 0 and at most 1");
        Require(MinP is >= 0 and <= 1, nameof(MinP), MinP, "a share from 0 to 1");
        Require(TypicalP is > 0 and <= 1, nameof(TypicalP), TypicalP, "a share above 0 and at most 1");
        Require(double.IsFinite(RepetitionPenalty) && RepetitionPenalty >= 1, nameof(RepetitionPenalty), RepetitionPenalty, "a finite number of at least 1");
    }

    private static void Require(bool holds, string name, IFormattable found, string expected) => OptionRange.Require(holds, "TokenSampling", name, found, expected);
}

namespace Unroll.Metrics.Sequences;

/// <summary>Settings of <see cref="Bleu"/>; the defaults are sacreBLEU's.</summary>
public sealed record BleuOptions
{
    /// <summary>How sentences become words. Default <see cref="BleuTokenization.Mteval13a"/>.</summary>
    public BleuTokenization Tokenization { get; init; } = BleuTokenization.Mteval13a;

    /// <summary>What stands for an order without a match. Default <see cref="BleuSmoothing.Exponential"/>.</summary>
    public BleuSmoothing Smoothing { get; init; } = BleuSmoothing.Exponential;

    /// <summary>The number of <see cref="BleuSmoothing.Floor"/> (default 0.1) or <see cref="BleuSmoothing.AddK"/> (default 1); finite, at least 0.</summary>
    public double? SmoothingValue { get; init; }

    /// <summary>
    /// Whether letters are made small first, one code point for another (no special case for the Greek final sigma or
    /// the Turkish dotted capital). Default no.
    /// </summary>
    public bool LowerCase { get; init; }

    /// <summary>Whether orders longer than every hypothesis are left out of the mean, as single sentences need. Default no.</summary>
    public bool EffectiveOrder { get; init; }

    internal double Value => SmoothingValue ?? (Smoothing == BleuSmoothing.Floor ? 0.1 : 1);

    internal string TokenizationName => Tokenization switch
    {
        BleuTokenization.Mteval13a => "13a",
        BleuTokenization.International => "intl",
        BleuTokenization.Character => "char",
        BleuTokenization.None => "none",
        _ => throw new ArgumentOutOfRangeException(nameof(Tokenization), $"BLEU: there is no tokenisation {Tokenization}."),
    };

    internal string SmoothingName => Smoothing switch
    {
        BleuSmoothing.Exponential => "exp",
        BleuSmoothing.Floor => FormattableString.Invariant($"floor[{Value:F2}]"),
        BleuSmoothing.AddK => FormattableString.Invariant($"add-k[{Value:F2}]"),
        BleuSmoothing.None => "none",
        _ => throw new ArgumentOutOfRangeException(nameof(Smoothing), $"BLEU: there is no smoothing {Smoothing}."),
    };

    internal string Signature(string references) =>
        $"nrefs:{references}|case:{(LowerCase ? "lc" : "mixed")}|eff:{(EffectiveOrder ? "yes" : "no")}|tok:{TokenizationName}|smooth:{SmoothingName}|version:{SequenceSignature.Version}";

    internal void Check()
    {
        if (SmoothingValue is { } value && !(value >= 0 && double.IsFinite(value)))
            throw new ArgumentOutOfRangeException(nameof(SmoothingValue), $"BLEU: expected a smoothing value that is finite and at least 0, received {value}.");
    }
}

namespace Unroll.Metrics.Sequences;

/// <summary>What <see cref="Chrf"/> finds.</summary>
/// <param name="Score">The F-score in [0, 100].</param>
/// <param name="Name">chrF, its beta, and a + for each word order: "chrF2", "chrF2++".</param>
/// <param name="Signature">How the number came about, in sacreBLEU's form.</param>
public sealed record ChrfScore(double Score, string Name, string Signature)
{
    /// <summary>One line in the form that papers quote.</summary>
    public override string ToString() => FormattableString.Invariant($"{Name} = {Score:F2}");
}

using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Losses;

namespace Unroll.Losses;

/// <summary>l = e^x − y·x; dl/dx = e^x − y. x is the log of the rate.</summary>
internal sealed class PoissonNegativeLogLikelihood() : ElementLoss<PoissonNegativeLogLikelihood.Formula>(default)
{
    /// <inheritdoc/>
    public override string Name => "poisson";

    /// <inheritdoc/>
    public override bool TakesLogits => true;

    /// <inheritdoc/>
    public override bool Matches(string activationName) => activationName is "linear" or "exponential";

    private protected override string ExpectedEnding => "'exponential'";

    private protected override (float Lowest, float Highest) TargetRange => (0f, float.PositiveInfinity);

    /// <inheritdoc/>
    internal override JsonObject Settings => [];

    internal readonly struct Formula : IElementLoss
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        TVector IElementLoss.Value<TSimd, TVector>(TVector x, TVector y) =>
            TSimd.Subtract(ExpFunction.Of<TSimd, TVector>(x), TSimd.Multiply(y, x));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        TVector IElementLoss.Slope<TSimd, TVector>(TVector x, TVector y) =>
            TSimd.Subtract(ExpFunction.Of<TSimd, TVector>(x), y);
    }
}

using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Unroll.Kernels.Losses;

namespace Unroll.Losses;

/// <summary>l = |x − y|; dl/dx = sign(x − y), 0 where they are equal.</summary>
internal sealed class MeanAbsoluteError() : ElementLoss<MeanAbsoluteError.Formula>(default)
{
    /// <inheritdoc/>
    public override string Name => "mean_absolute_error";

    /// <inheritdoc/>
    internal override JsonObject Settings => [];

    internal readonly struct Formula : IElementLoss
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        TVector IElementLoss.Value<TSimd, TVector>(TVector x, TVector y) =>
            LossArithmetic.Absolute<TSimd, TVector>(TSimd.Subtract(x, y));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        TVector IElementLoss.Slope<TSimd, TVector>(TVector x, TVector y)
        {
            TVector above = TSimd.Select(TSimd.LessThan(y, x), TSimd.Broadcast(1f), TSimd.Zero);
            return TSimd.Select(TSimd.LessThan(x, y), TSimd.Broadcast(-1f), above);
        }
    }
}

using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Unroll.Kernels.Losses;

namespace Unroll.Losses;

/// <summary>l = (x − y)²; dl/dx = 2 (x − y).</summary>
internal sealed class MeanSquaredError() : ElementLoss<MeanSquaredError.Formula>(default)
{
    /// <inheritdoc/>
    public override string Name => "mean_squared_error";

    /// <inheritdoc/>
    internal override JsonObject Settings => [];

    internal readonly struct Formula : IElementLoss
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        TVector IElementLoss.Value<TSimd, TVector>(TVector x, TVector y)
        {
            TVector difference = TSimd.Subtract(x, y);
            return TSimd.Multiply(difference, difference);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        TVector IElementLoss.Slope<TSimd, TVector>(TVector x, TVector y)
        {
            TVector difference = TSimd.Subtract(x, y);
            return TSimd.Add(difference, difference);
        }
    }
}

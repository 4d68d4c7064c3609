using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Unroll.Kernels.Losses;

namespace Unroll.Losses;

/// <summary>l = ½ d² where |d| &lt; δ, δ (|d| − ½ δ) elsewhere, d = x − y; dl/dx = d held within ±δ.</summary>
internal sealed class Huber(float delta) : ElementLoss<Huber.Formula>(new Formula(Checked(delta)))
{
    /// <inheritdoc/>
    public override string Name => "huber";

    /// <summary>δ.</summary>
    private float Delta { get; } = delta;

    /// <inheritdoc/>
    internal override JsonObject Settings => new() { ["delta"] = Delta };

    private static float Checked(float delta) => delta > 0f && float.IsFinite(delta)
        ? delta
        : throw new ArgumentOutOfRangeException(nameof(delta), delta, "Huber's delta is a finite number above 0.");

    internal readonly struct Formula(float delta) : IElementLoss
    {
        private readonly float _delta = delta;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        TVector IElementLoss.Value<TSimd, TVector>(TVector x, TVector y)
        {
            TVector distance = LossArithmetic.Absolute<TSimd, TVector>(TSimd.Subtract(x, y));
            TVector delta = TSimd.Broadcast(_delta), half = TSimd.Broadcast(0.5f);
            TVector near = TSimd.Multiply(TSimd.Multiply(half, distance), distance);
            TVector far = TSimd.Multiply(delta, TSimd.Subtract(distance, TSimd.Multiply(half, delta)));
            return TSimd.Select(TSimd.LessThan(distance, delta), near, far);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        TVector IElementLoss.Slope<TSimd, TVector>(TVector x, TVector y)
        {
            TVector difference = TSimd.Subtract(x, y), delta = TSimd.Broadcast(_delta), minusDelta = TSimd.Broadcast(-_delta);
            difference = TSimd.Select(TSimd.LessThan(delta, difference), delta, difference);
            return TSimd.Select(TSimd.LessThan(difference, minusDelta), minusDelta, difference);
        }
    }
}

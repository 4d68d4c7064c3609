using System.Globalization;

namespace Unroll.Layers;

/// <summary>Checks what layers that penalise are given.</summary>
internal static class PenaltyFactor
{
    /// <summary>Refuses a factor that is negative, infinite or NaN.</summary>
    public static float Checked(float factor, string layer, string name) => float.IsFinite(factor) && factor >= 0
        ? factor
        : throw new ArgumentOutOfRangeException(name, string.Create(CultureInfo.InvariantCulture, $"{layer}: expected a factor that is finite and at least 0, received {factor}."));
}

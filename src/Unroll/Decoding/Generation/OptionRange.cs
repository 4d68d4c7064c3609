using System.Globalization;

namespace Unroll.Decoding;

/// <summary>Refuses an option out of its range, with what was expected and found.</summary>
internal static class OptionRange
{
    /// <exception cref="ArgumentOutOfRangeException">It does not hold.</exception>
    public static void Require(bool holds, string whose, string name, IFormattable found, string expected)
    {
        if (!holds) throw new ArgumentOutOfRangeException(name, $"{whose}: {name} is {found.ToString(null, CultureInfo.InvariantCulture)}; expected {expected}.");
    }
}

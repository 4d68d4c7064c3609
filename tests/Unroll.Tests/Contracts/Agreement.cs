using Xunit.Sdk;

namespace Unroll.Tests.Contracts;

/// <summary>Comparisons that say where the first difference is.</summary>
internal static class Agreement
{
    /// <summary>Equal bits, but for the sign of a zero where <paramref name="signOfZero"/> is false.</summary>
    public static void SameBits(string what, float[] expected, float[] found, bool signOfZero = true)
    {
        if (expected.Length != found.Length) throw new XunitException($"{what}: expected {expected.Length} numbers, found {found.Length}.");
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(found[i])) continue;
            if (!signOfZero && expected[i] == 0 && found[i] == 0) continue;
            throw new XunitException($"{what}: number {i}: expected {expected[i]:R}, found {found[i]:R}.");
        }
    }

    /// <summary>Equal bits of every part.</summary>
    public static void SameBits(string what, IEnumerable<(string Name, float[] Values)> expected, IEnumerable<(string Name, float[] Values)> found)
    {
        foreach (((string name, float[] one), (_, float[] other)) in expected.Zip(found)) SameBits($"{what}: {name}", one, other);
    }

    /// <summary>Within a share of the largest magnitude.</summary>
    public static void Close(string what, double[] expected, float[] found, double tolerance)
    {
        if (expected.Length != found.Length) throw new XunitException($"{what}: expected {expected.Length} numbers, found {found.Length}.");
        double largest = expected.Append(0).Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
            if (!(Math.Abs(expected[i] - found[i]) <= tolerance * largest))
                throw new XunitException($"{what}: number {i}: expected {expected[i]:R}, found {found[i]:R} (largest {largest:R}).");
    }

    /// <summary>Within a share of the largest magnitude.</summary>
    public static void Close(string what, float[] expected, float[] found, double tolerance) =>
        Close(what, Array.ConvertAll(expected, v => (double)v), found, tolerance);

    /// <summary>Every part within a share of its largest magnitude.</summary>
    public static void Close(string what, IEnumerable<(string Name, float[] Values)> expected, IEnumerable<(string Name, float[] Values)> found, double tolerance)
    {
        foreach (((string name, float[] one), (_, float[] other)) in expected.Zip(found)) Close($"{what}: {name}", one, other, tolerance);
    }
}

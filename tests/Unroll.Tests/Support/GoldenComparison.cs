namespace Unroll.Tests.Support;

/// <summary>Holds numbers against golden ones.</summary>
internal static class GoldenComparison
{
    /// <summary>Largest difference as a share of the tensor's largest magnitude.</summary>
    public const double Tolerance = 5e-6;

    /// <summary>Every element within the tolerance of the expected tensor's largest magnitude.</summary>
    public static void Close(ReadOnlySpan<float> expected, ReadOnlySpan<float> found, string what)
    {
        Assert.Equal(expected.Length, found.Length);
        double largest = 0;
        foreach (float value in expected) largest = Math.Max(largest, Math.Abs(value));
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs((double)expected[i] - found[i]) <= Tolerance * largest, $"{what}, element {i}: expected {expected[i]:R}, found {found[i]:R}.");
    }
}

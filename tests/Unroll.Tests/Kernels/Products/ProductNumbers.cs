using Unroll.Kernels.Layouts;

namespace Unroll.Tests.Kernels.Products;

/// <summary>What the product tests share: numbers, sizes, and the plain loop.</summary>
internal static class ProductNumbers
{
    public const float Sentinel = 12_345.5f;

    public static readonly int[] Reductions = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 64, 100];

    public static float[] Distinct(int count, int seed) =>
        [.. Enumerable.Range(1, count).Select(i => (float)Math.Sin(1.7 * i + 0.37 * i * i + 2.3 * seed))];

    public static float[] Filled(int count)
    {
        float[] values = new float[count];
        Array.Fill(values, Sentinel);
        return values;
    }

    /// <summary>Bias, then terms ascending, one chain of fused multiply-adds: the order that KERNELS.md 11 fixes.</summary>
    public static float Chain(float start, ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        float sum = start;
        for (int i = 0; i < a.Length; i++) sum = MathF.FusedMultiplyAdd(a[i], b[i], sum);
        return sum;
    }

    /// <summary>The chain, held against the same sum in double so that a wrong chain is noticed.</summary>
    public static float Checked(float start, ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = start, size = Math.Abs(start);
        for (int i = 0; i < a.Length; i++)
        {
            sum += (double)a[i] * b[i];
            size += Math.Abs((double)a[i] * b[i]);
        }
        float chain = Chain(start, a, b);
        Assert.True(Math.Abs(chain - sum) <= 1e-6 * (1 + a.Length / 8) * size, $"The chain gives {chain:R}, double precision {sum:R}.");
        return chain;
    }

    /// <summary>Column of a row-major matrix.</summary>
    public static float[] Column(float[] matrix, int rows, int columns, int column) => [.. Enumerable.Range(0, rows).Select(k => matrix[k * columns + column])];

    public static float[] Packed(PanelLayout layout, float[] logical)
    {
        float[] storage = new float[layout.StorageLength];
        layout.Pack(logical, storage);
        return storage;
    }
}

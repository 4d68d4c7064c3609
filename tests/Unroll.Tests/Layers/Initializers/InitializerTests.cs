using Unroll.Basics;
using Unroll.Layers;

namespace Unroll.Tests.Layers.Initializers;

public sealed class InitializerTests
{
    private const int Rows = 300, Columns = 500;

    // Name, bound (0: none), variance in theory.
    public static TheoryData<string, double, double> Moments => new()
    {
        { "glorot_uniform", Math.Sqrt(6.0 / 800), 2.0 / 800 },
        { "he_uniform", Math.Sqrt(6.0 / 300), 2.0 / 300 },
        { "lecun_uniform", Math.Sqrt(3.0 / 300), 1.0 / 300 },
        { "random_uniform", 0.05, 0.01 / 12 },
        { "glorot_normal", 2 * Math.Sqrt(2.0 / 800) / 0.8796256610342398, 2.0 / 800 },
        { "he_normal", 2 * Math.Sqrt(2.0 / 300) / 0.8796256610342398, 2.0 / 300 },
        { "lecun_normal", 2 * Math.Sqrt(1.0 / 300) / 0.8796256610342398, 1.0 / 300 },
        { "truncated_normal", 0.1, 0.0025 * 0.8796256610342398 * 0.8796256610342398 },
        { "random_normal", 0, 0.0025 },
    };

    [Theory]
    [MemberData(nameof(Moments))]
    public void Bounds_and_moments_are_those_of_the_distribution(string name, double bound, double variance)
    {
        float[] x = Draw(Initializer.FromName(name), Rows, Columns, 1, "w");
        double mean = x.Average(v => (double)v), measured = x.Average(v => (double)v * v);
        double largest = x.Max(v => Math.Abs((double)v));
        // Five deviations of each estimate over 150,000 draws.
        Assert.InRange(mean, -5 * Math.Sqrt(variance / x.Length), 5 * Math.Sqrt(variance / x.Length));
        Assert.InRange(measured / variance, 1 - 5 * Math.Sqrt(2.0 / x.Length), 1 + 5 * Math.Sqrt(2.0 / x.Length));
        if (bound > 0) Assert.InRange(largest, 0.995 * bound, bound * (1 + 1e-6));
        else Assert.InRange(largest, 4 * Math.Sqrt(variance), 6 * Math.Sqrt(variance));
    }

    [Fact]
    public void Normal_draws_have_the_normal_distribution()
    {
        // Published values of the standard normal's distribution function.
        float[] x = Draw(new RandomNormal(2, 3), Rows, Columns, 4, "w");
        foreach ((double z, double share) in new[] { (-2.0, 0.02275), (-1.0, 0.15866), (0.0, 0.5), (0.5, 0.69146), (1.0, 0.84134), (3.0, 0.99865) })
        {
            double measured = x.Count(v => v < 2 + 3 * z) / (double)x.Length;
            Assert.InRange(measured - share, -5 * Math.Sqrt(share * (1 - share) / x.Length), 5 * Math.Sqrt(share * (1 - share) / x.Length));
        }
    }

    [Theory]
    [InlineData(40, 40, 1f)]
    [InlineData(24, 96, 1f)]
    [InlineData(70, 33, 2f)]
    [InlineData(1, 5, 1f)]
    public void Orthogonal_matrices_have_orthonormal_short_sides(int rows, int columns, float gain)
    {
        float[] q = Draw(new Orthogonal(gain), rows, columns, 3, "w");
        int count = Math.Min(rows, columns);
        for (int a = 0; a < count; a++)
            for (int b = 0; b < count; b++)
            {
                double dot = 0;
                for (int k = 0; k < Math.Max(rows, columns); k++)
                    dot += rows >= columns ? (double)q[k * columns + a] * q[k * columns + b] : (double)q[a * columns + k] * q[b * columns + k];
                Assert.Equal(a == b ? gain * gain : 0, dot, 1e-6 * gain * gain);
            }
    }

    [Fact]
    public void Orthogonal_matrices_have_both_signs_on_the_diagonal_with_mean_zero()
    {
        // Without the sign fix of R's diagonal a Householder Q would lean to one side.
        double sum = Enumerable.Range(0, 2000).Sum(seed => (double)Draw(new Orthogonal(), 4, 4, (ulong)seed, "w")[0]);
        Assert.InRange(sum / 2000, -5 * 0.5 / Math.Sqrt(2000), 5 * 0.5 / Math.Sqrt(2000));
    }

    [Fact]
    public void Equal_seeds_and_names_give_equal_bits_and_others_differ()
    {
        foreach (string name in Initializer.Names)
        {
            Initializer initializer = Initializer.FromName(name);
            Assert.Equal(name, initializer.Name);
            float[] first = Draw(initializer, 6, 9, 5, "a");
            Assert.Equal(first, Draw(initializer, 6, 9, 5, "a"));
            bool random = name is not ("zeros" or "ones" or "constant" or "identity");
            Assert.Equal(random, !first.SequenceEqual(Draw(initializer, 6, 9, 5, "b")));
            Assert.Equal(random, !first.SequenceEqual(Draw(initializer, 6, 9, 6, "a")));
        }
    }

    [Fact]
    public void Constants_and_identity_are_what_they_say()
    {
        Assert.Equal([0, 0, 0, 0, 0, 0], Draw(new Zeros(), 2, 3, 0, "w"));
        Assert.Equal([1, 1, 1, 1, 1, 1], Draw(new Ones(), 2, 3, 0, "w"));
        Assert.Equal([2.5f, 2.5f], Draw(new Constant(2.5f), 1, 2, 0, "w"));
        Assert.Equal([2, 0, 0, 0, 2, 0], Draw(new Identity(2), 2, 3, 0, "w"));
        Assert.Equal([1, 0, 0, 1, 0, 0], Draw(new Identity(), 3, 2, 0, "w"));
    }

    [Fact]
    public void Unknown_names_and_wrong_sizes_are_refused()
    {
        Assert.Contains("'xavier' is not known; expected one of: constant, glorot_normal,", Assert.Throws<ArgumentException>(() => Initializer.FromName("xavier")).Message, StringComparison.Ordinal);
        Assert.Contains("expected room for [2, 3], 6 numbers, received 5", Assert.Throws<ArgumentException>(() => new Ones().Fill(new float[5], 2, 3, new RandomStream(0, "w"))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomUniform(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomNormal(0, -1));
    }

    private static float[] Draw(Initializer initializer, int rows, int columns, ulong seed, string name)
    {
        float[] values = Enumerable.Repeat(float.NaN, rows * columns).ToArray();
        initializer.Fill(values, rows, columns, new RandomStream(seed, name));
        return values;
    }
}

using System.Runtime.Intrinsics;
using Unroll.Kernels.Simd;

namespace Unroll.Tests.Kernels.Elementary;

/// <summary>What every elementary function is held to: its error in ulp, the same bits at every width, and every length.</summary>
internal static unsafe class ElementaryCheck
{
    /// <summary>Set to 1 to run the tests over all 2³² floats; they take minutes.</summary>
    public const string ExhaustiveVariable = "UNROLL_EXHAUSTIVE";

    public static bool Exhaustive => Environment.GetEnvironmentVariable(ExhaustiveVariable) == "1";

    private const int SampleStride = 14_321; // odd, so that low mantissa bits vary: 299,902 patterns

    public static readonly float[] Specials =
    [
        0f, -0f, float.Epsilon, -float.Epsilon, 1.17549421e-38f, -1.17549421e-38f, 1.17549435e-38f, -1.17549435e-38f,
        float.MaxValue, -float.MaxValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN,
        0.5f, -0.5f, 1f, -1f, 2f, -2f, 10f, -10f, 88f, -88f, 100f, -100f, 0.99999994f, 1.00000012f,
    ];

    /// <summary>The largest error over the sampled bit patterns (or all of them) whose argument <paramref name="domain"/> accepts.</summary>
    public static (double Ulp, float At) LargestError<TMap>(
        TMap map, Func<double, double> exact, Func<float, bool>? domain = null, bool exhaustive = false)
        where TMap : struct, IMap1
    {
        const int Block = 1 << 16;
        float[] x = new float[Block], y = new float[Block];
        double worst = 0;
        float at = 0;
        long stride = exhaustive ? 1 : SampleStride;
        long next = 0;
        while (next < 1L << 32)
        {
            int count = 0;
            for (; count < Block && next < 1L << 32; next += stride)
            {
                float value = BitConverter.UInt32BitsToSingle((uint)next);
                if (domain is null || domain(value)) x[count++] = value;
            }
            if (next >= 1L << 32 && count + Specials.Length <= Block)
                foreach (float value in Specials)
                    if (domain is null || domain(value)) x[count++] = value;
            fixed (float* px = x, py = y) Map.Run(map, px, py, count);
            for (int i = 0; i < count; i++)
            {
                double error = UlpError(y[i], exact(x[i]));
                if (!(error <= worst)) (worst, at) = (error, x[i]);
            }
        }
        return (worst, at);
    }

    /// <summary>Distance from the exact value in units of the float spacing there; infinite where one is NaN or infinite and the other is not.</summary>
    public static double UlpError(float value, double exact)
    {
        if (double.IsNaN(exact)) return float.IsNaN(value) ? 0 : double.PositiveInfinity;
        if (float.IsNaN(value)) return double.PositiveInfinity;
        float rounded = (float)exact;
        if (value == rounded) return float.IsInfinity(rounded) ? 0 : Math.Abs(value - exact) / Spacing(exact);
        if (float.IsInfinity(value) || double.IsInfinity(exact)) return double.PositiveInfinity;
        return Math.Abs(value - exact) / Spacing(exact);
    }

    private static double Spacing(double exact)
    {
        double magnitude = Math.Abs(exact);
        if (magnitude < 1.1754943508222875e-38) return float.Epsilon;
        return Math.ScaleB(1, Math.Min(Math.ILogB(magnitude), 127) - 23);
    }

    /// <summary>Fails unless scalar, 128, 256 and 512 bits give the same bits (any NaN equals any NaN) over a sample and the special values.</summary>
    public static void SameBitsAtEveryWidth<TMap>(TMap map) where TMap : struct, IMap1
    {
        var values = new List<float>(Specials);
        for (long bits = 7; bits < 1L << 32; bits += SampleStride) values.Add(BitConverter.UInt32BitsToSingle((uint)bits));
        while (values.Count % 16 != 0) values.Add(0.25f);
        float[] x = [.. values];
        float[] one = Apply<SimdScalar, float, TMap>(map, x);
        foreach (float[] wide in new[]
                 {
                     Apply<Simd128, Vector128<float>, TMap>(map, x),
                     Apply<Simd256, Vector256<float>, TMap>(map, x),
                     Apply<Simd512, Vector512<float>, TMap>(map, x),
                 })
            for (int i = 0; i < x.Length; i++)
                if (!Same(one[i], wide[i])) Assert.Fail($"At {x[i]:R}: one lane gives {one[i]:R}, a vector {wide[i]:R}.");
    }

    private static bool Same(float a, float b) =>
        (float.IsNaN(a) && float.IsNaN(b)) || BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b);

    private static float[] Apply<TSimd, TVector, TMap>(TMap map, float[] x)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged where TMap : struct, IMap1
    {
        float[] y = new float[x.Length];
        fixed (float* px = x, py = y)
            for (int i = 0; i < x.Length; i += TSimd.Lanes)
                TSimd.Store(map.Of<TSimd, TVector>(TSimd.Load(px + i)), py + i);
        return y;
    }

    /// <summary>Lengths 0 to 70, out of place and in place: every element as one lane gives it, nothing written beyond the end.</summary>
    public static void EveryLength<TMap>(TMap map) where TMap : struct, IMap1
    {
        const float Sentinel = -12345.678f;
        for (int length = 0; length <= 70; length++)
            foreach (bool inPlace in new[] { false, true })
            {
                float[] input = [.. Enumerable.Range(1, length + 16).Select(i => (float)Math.Sin(1.7 * i) + 1.01f)];
                float[] x = [.. input], y = inPlace ? x : new float[length + 16];
                Array.Fill(y, Sentinel, length, 16);
                fixed (float* px = x, py = y) Map.Run(map, px, py, length);
                for (int i = 0; i < length; i++)
                    Assert.True(Same(map.Of<SimdScalar, float>(input[i]), y[i]), $"Length {length}, element {i}");
                for (int i = length; i < length + 16; i++) Assert.Equal(Sentinel, y[i]);
            }
    }
}

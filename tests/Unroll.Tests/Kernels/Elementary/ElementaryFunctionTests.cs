using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;
using Unroll.Tests.Sameness;

namespace Unroll.Tests.Kernels.Elementary;

[Trait(EnvironmentTests.Trait, EnvironmentTests.Large)]
public class ElementaryFunctionTests
{
    private sealed record Entry(string Name, double Bound, Func<bool, (double Ulp, float At)> Error, Action SameBits, Action EveryLength);

    private static Entry Of<TMap>(string name, double bound, Func<double, double> exact, Func<float, bool>? domain = null)
        where TMap : struct, IMap1 =>
        new(name, bound, exhaustive => ElementaryCheck.LargestError(default(TMap), exact, domain, exhaustive),
            () => ElementaryCheck.SameBitsAtEveryWidth(default(TMap)), () => ElementaryCheck.EveryLength(default(TMap)));

    private static readonly Entry[] All =
    [
        Of<SigmoidMap>("sigmoid", 2, x => 1 / (1 + Math.Exp(-x)), x => !(x < -87.33f)), // below, denormal results are flushed
        Of<TanhMap>("tanh", 2, Math.Tanh),
        Of<ExpMap>("exp", 2, Math.Exp),
        Of<LogMap>("log", 2, Math.Log),
        Of<ExpM1Map>("expm1", 2, DoubleFunctions.ExpM1),
        Of<Log1pMap>("log1p", 2, DoubleFunctions.Log1p),
        Of<SoftplusMap>("softplus", 2, x => Math.Max(x, 0) + DoubleFunctions.Log1p(Math.Exp(-Math.Abs(x)))),
        Of<ErfMap>("erf", 2, DoubleFunctions.Erf),
        Of<SinMap>("sin", 2, Math.Sin, x => !(MathF.Abs(x) >= 1 << 20)),
        Of<CosMap>("cos", 2, Math.Cos, x => !(MathF.Abs(x) >= 1 << 20)),
    ];

    public static TheoryData<string> Names => [.. All.Select(entry => entry.Name)];

    private static Entry Find(string name) => All.Single(entry => entry.Name == name);

    [Theory, MemberData(nameof(Names))]
    public void Sampled_error_is_within_the_bound(string name)
    {
        (double ulp, float at) = Find(name).Error(false);
        Record(name, ulp, at);
        Assert.True(ulp <= Find(name).Bound, $"{name}: {ulp:F3} ulp at {at:R}");
    }

    [Theory, MemberData(nameof(Names))]
    public void Error_over_every_float_is_within_the_bound(string name)
    {
        if (!ElementaryCheck.Exhaustive) return; // minutes; UNROLL_EXHAUSTIVE=1 runs it
        (double ulp, float at) = Find(name).Error(true);
        Record(name, ulp, at);
        Assert.True(ulp <= Find(name).Bound, $"{name}: {ulp:F3} ulp at {at:R}");
    }

    /// <summary>Adds a line for the table of docs/elementary-functions.md to the file that UNROLL_ERROR_TABLE names, if it names one.</summary>
    private static void Record(string name, double ulp, float at)
    {
        if (Environment.GetEnvironmentVariable("UNROLL_ERROR_TABLE") is { Length: > 0 } path)
            File.AppendAllText(path, FormattableString.Invariant($"{name} {ulp:F3} {at:R}\n"));
    }

    [Fact]
    public void Sigmoid_and_tanh_saturate_exactly()
    {
        float sigmoid(float x) => SigmoidFunction.Of<SimdScalar, float>(x);
        float tanh(float x) => TanhFunction.Of<SimdScalar, float>(x);
        Assert.Equal(0.5f, sigmoid(0));
        Assert.Equal(1f, sigmoid(float.PositiveInfinity));
        Assert.Equal(0f, sigmoid(float.NegativeInfinity));
        Assert.Equal(0f, sigmoid(-88.5f));
        Assert.Equal(1f, tanh(float.PositiveInfinity));
        Assert.Equal(-1f, tanh(float.NegativeInfinity));
        Assert.True(float.IsNegative(tanh(-0f)));
        for (long bits = 0; bits <= 0x7F800000; bits += 10_007)
        {
            float x = BitConverter.UInt32BitsToSingle((uint)bits);
            Assert.Equal(-tanh(x), tanh(-x));
            Assert.InRange(tanh(x), 0f, 1f);
            Assert.InRange(sigmoid(-x), 0f, 0.5f);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_width_gives_the_same_bits(string name) => Find(name).SameBits();

    [Theory, MemberData(nameof(Names))]
    public void Every_length_is_handled_out_of_place_and_in_place(string name) => Find(name).EveryLength();
}

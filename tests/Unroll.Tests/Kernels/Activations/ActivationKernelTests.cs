using Unroll.Kernels.Activations;
using Unroll.Kernels.Simd;
using Unroll.Tests.Support;
using Unroll.Tests.Kernels.Elementary;

namespace Unroll.Tests.Kernels.Activations;

public unsafe class ActivationKernelTests
{
    private sealed record Entry(string Name, Action AgainstGolden, Action AtEveryWidthAndLength, Action AtTheEnds);

    private static Entry Of<TKernel>(string name) where TKernel : struct, IActivationKernel => new(
        name,
        () => CompareWithGolden<TKernel>(name),
        () =>
        {
            ElementaryCheck.SameBitsAtEveryWidth(default(ActivationMap<TKernel>));
            ElementaryCheck.SameBitsAtEveryWidth(default(SlopeMap<TKernel>));
            ElementaryCheck.EveryLength(default(ActivationMap<TKernel>));
        },
        StaysFinite<TKernel>);

    /// <summary>The slope alone, to look at it as a function of one number.</summary>
    private readonly struct SlopeMap<TKernel> : IMap1 where TKernel : struct, IActivationKernel
    {
        public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            TKernel.Gradient<TSimd, TVector>(x);
    }

    private static readonly Entry[] All =
    [
        Of<LinearKernel>("linear"),
        Of<SigmoidKernel>("sigmoid"),
        Of<TanhKernel>("tanh"),
        Of<ReluKernel>("relu"),
        Of<LeakyReluKernel>("leaky_relu"),
        Of<EluKernel>("elu"),
        Of<SeluKernel>("selu"),
        Of<SoftplusKernel>("softplus"),
        Of<SoftsignKernel>("softsign"),
        Of<GeluKernel>("gelu"),
        Of<GeluTanhKernel>("gelu_tanh"),
        Of<SiluKernel>("silu"),
        Of<HardSigmoidKernel>("hard_sigmoid"),
        Of<HardTanhKernel>("hard_tanh"),
        Of<MishKernel>("mish"),
    ];

    public static TheoryData<string> Names => [.. All.Select(entry => entry.Name)];

    private static Entry Find(string name) => All.Single(entry => entry.Name == name);

    [Theory, MemberData(nameof(Names))]
    public void Values_and_gradients_agree_with_the_Golden_file(string name) => Find(name).AgainstGolden();

    [Theory, MemberData(nameof(Names))]
    public void Every_width_and_length_gives_the_same_bits(string name) => Find(name).AtEveryWidthAndLength();

    [Theory, MemberData(nameof(Names))]
    public void Large_arguments_give_no_NaN_and_NaN_stays_NaN(string name) => Find(name).AtTheEnds();

    [Fact]
    public void Every_activation_of_the_Golden_file_is_tested() => Assert.Equal(
        GoldenFiles.Open("activations").Tensors.Where(key => key.StartsWith("y.", StringComparison.Ordinal)).Select(key => key[2..]).Order(StringComparer.Ordinal),
        All.Select(entry => entry.Name).Where(name => name != "linear").Order(StringComparer.Ordinal));

    private static void CompareWithGolden<TKernel>(string name) where TKernel : struct, IActivationKernel
    {
        GoldenFile golden = GoldenFiles.Open("activations");
        float[] x = golden.Floats("x"), y = new float[x.Length], dx = new float[x.Length], added = new float[x.Length];
        float[] ones = [.. x.Select(_ => 1f)];
        Array.Fill(added, 2f);
        fixed (float* px = x, py = y, pone = ones, pdx = dx, padded = added)
        {
            Map.Run(default(ActivationMap<TKernel>), px, py, x.Length);
            float* saved = TKernel.GradientFromOutput ? py : px;
            Map.Run(default(ActivationGradientMap<TKernel>), saved, pone, pdx, x.Length);
            Map.Run(default(ActivationGradientAddMap<TKernel>), saved, pone, padded, padded, x.Length);
        }
        AssertClose(name == "linear" ? x : golden.Floats("y." + name), y);
        AssertClose(name == "linear" ? ones : golden.Floats("grad." + name), dx);
        AssertClose([.. dx.Select(value => value + 2f)], added);
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        float allowed = 5e-6f * expected.Max(MathF.Abs);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(MathF.Abs(expected[i] - actual[i]) <= allowed, $"Element {i}: expected {expected[i]:R}, found {actual[i]:R}");
    }

    private static void StaysFinite<TKernel>() where TKernel : struct, IActivationKernel
    {
        foreach (float x in new[] { 1e-40f, 19f, 21f, 88f, 1000f, 1e15f, 1e30f, 3e38f })
            foreach (float signed in new[] { x, -x })
            {
                float y = TKernel.Forward<SimdScalar, float>(signed);
                float slope = TKernel.Gradient<SimdScalar, float>(TKernel.GradientFromOutput ? y : signed);
                Assert.True(float.IsFinite(y) || MathF.Abs(x) > 1e38f, $"f({signed:R}) = {y:R}");
                Assert.True(float.IsFinite(slope) && MathF.Abs(slope) <= 1.8f, $"f'({signed:R}) = {slope:R}");
            }
        Assert.True(float.IsNaN(TKernel.Forward<SimdScalar, float>(float.NaN)));
    }
}

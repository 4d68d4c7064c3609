using Unroll.Autograd;
using Unroll.Kernels.Simd;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Reference;
using Unroll.Tests.Sameness;
using Unroll.Tests.Support;

namespace Unroll.Tests.Contracts;

/// <summary>What holds for every operation.</summary>
[Trait(EnvironmentTests.Trait, EnvironmentTests.Large)]
public sealed class OperationContractTests
{
    public static IEnumerable<object[]> Names() => OperationCatalogue.All.Select(e => new object[] { e.Name });

    [Fact]
    public void The_catalogue_holds_every_operation()
    {
        Type[] operations = [.. typeof(Activation).Assembly.GetTypes().Where(t =>
            t is { Namespace: "Unroll.Ops", IsAbstract: true, IsSealed: true, IsNested: false } && t.Name.EndsWith("Op", StringComparison.Ordinal))];
        Assert.True(operations.Length >= 20, $"Only {operations.Length} operations were found.");
        Assert.Empty(operations.Except(OperationCatalogue.All.Select(e => e.Operation)).Select(t => t.Name));
        Assert.Equal(OperationCatalogue.All.Count, OperationCatalogue.All.Select(e => e.Name).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Values_and_gradients_agree_with_double_precision(string name) => GradientCheck.Assert(OperationCatalogue.Named(name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_vector_width_gives_the_same_bits(string name)
    {
        OperationEntry entry = OperationCatalogue.Named(name);
        int before = SimdWidth.Current;
        try
        {
            SimdWidth.Current = 32;
            GradientCheck.Result plain = GradientCheck.Run(entry);
            foreach (int width in new[] { 128, 256, 512 })
            {
                SimdWidth.Current = width;
                AssertSameBits(plain, GradientCheck.Run(entry));
            }
        }
        finally
        {
            SimdWidth.Current = before;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_number_of_threads_gives_the_same_bits(string name)
    {
        OperationEntry entry = OperationCatalogue.Named(name);
        GradientCheck.Result alone = DividedWork.On(1, () => GradientCheck.Run(entry));
        foreach (int threads in new[] { 2, 3, 7 }) AssertSameBits(alone, DividedWork.On(threads, () => GradientCheck.Run(entry)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_an_earlier_step_left_in_memory_counts_nowhere(string name)
    {
        OperationEntry entry = OperationCatalogue.Named(name);
        Tensor[] inputs = GradientCheck.MakeInputs(entry);
        Parameter[] parameters = GradientCheck.MakeParameters(entry);
        var tape = new Tape();
        GradientCheck.Result first = GradientCheck.Pass(entry, tape, inputs, parameters);
        tape.Reset();
        foreach (Parameter parameter in parameters) parameter.ClearGradient();
        AssertSameBits(first, GradientCheck.Pass(entry, tape, inputs, parameters));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_step_allocates_nothing_after_the_first_ones(string name)
    {
        OperationEntry entry = OperationCatalogue.Named(name);
        Tensor[] inputs = GradientCheck.MakeInputs(entry);
        Parameter[] parameters = GradientCheck.MakeParameters(entry);
        float[]? weights = null;
        var tape = new Tape();
        void FourSteps()
        {
            for (int step = 0; step < 4; step++)
            {
                tape.Reset();
                for (int i = 0; i < inputs.Length; i++) if (entry.Inputs[i].Differentiable) tape.Watch(inputs[i]);
                Tensor y = entry.Build(tape, inputs, parameters);
                tape.Backward(y, weights ??= GradientCheck.Weights(y.Shape.Length));
            }
        }
        FourSteps();
        Assert.Equal(0, ManagedAllocations.Of(FourSteps));
    }

    [Fact]
    public void The_check_notices_a_wrong_sign_in_a_gradient()
    {
        GradientMismatch mismatch = Assert.Throws<GradientMismatch>(() => GradientCheck.Assert(Planted(v => v * v, gradientSign: -1)));
        Assert.Contains("gradient 0 of input 0", mismatch.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_check_notices_a_wrong_forward_pass() =>
        Assert.Throws<ForwardMismatch>(() => GradientCheck.Assert(Planted(v => v * v * 1.00001, gradientSign: 1)));

    [Fact]
    public void The_check_accepts_the_planted_operation_when_it_is_right() => GradientCheck.Assert(Planted(v => v * v, gradientSign: 1));

    private static OperationEntry Planted(Func<double, double> reference, int gradientSign) => new("planted square", typeof(PlantedSquare))
    {
        Inputs = [new OperationInput([3, 4])],
        Build = (tape, x, _) => PlantedSquare.Of(tape, x[0], gradientSign),
        Reference = (x, _) => x[0].Map(reference),
    };

    private static void AssertSameBits(GradientCheck.Result expected, GradientCheck.Result found)
    {
        AssertSameBits(expected.Output, found.Output);
        for (int i = 0; i < expected.InputGradients.Length; i++) AssertSameBits(expected.InputGradients[i], found.InputGradients[i]);
        for (int i = 0; i < expected.ParameterGradients.Length; i++) AssertSameBits(expected.ParameterGradients[i], found.ParameterGradients[i]);
    }

    private static void AssertSameBits(float[] expected, float[] found) =>
        Assert.Equal(Array.ConvertAll(expected, BitConverter.SingleToInt32Bits), Array.ConvertAll(found, BitConverter.SingleToInt32Bits));

    /// <summary>y = x², whose gradient can be given the wrong sign.</summary>
    private static unsafe class PlantedSquare
    {
        public static Tensor Of(Tape tape, Tensor x, int sign)
        {
            Tensor y = tape.NewLike(x);
            for (int i = 0; i < x.StoredLength; i++) tape.Read(y)[i] = x.Storage[i] * x.Storage[i];
            Node node = tape.Record<Node>();
            (node.X, node.Y, node.Sign) = (x, y, sign);
            return y;
        }

        private sealed class Node : Autograd.Node
        {
            public Tensor X, Y;
            public int Sign;

            public override void Backward(Tape tape)
            {
                for (int i = 0; i < X.StoredLength; i++) tape.Gradient(X)[i] += Sign * 2 * X.Storage[i] * tape.Gradient(Y)[i];
            }

            public override void Clear() => X = Y = default;
        }
    }
}

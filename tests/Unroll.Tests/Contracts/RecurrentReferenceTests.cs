using Unroll.Basics;
using Unroll.Kernels.Recurrent;
using Unroll.Layers;
using Unroll.Tests.Reference;

namespace Unroll.Tests.Contracts;

/// <summary>Every recurrent layer against the equations in double precision: results, and gradients by differences.</summary>
public sealed class RecurrentReferenceTests
{
    private const double ForwardTolerance = 5e-6;
    private const double GradientTolerance = 1e-5;
    private const double Step = 1e-5;

    public static TheoryData<string> Names() => RecurrentCatalogue.Names(_ => true);

    public static TheoryData<string> Plain() => RecurrentCatalogue.Names(v => v is { Merge: null, UseBias: true, SeparateBiases: false, GoBackwards: false });

    /// <summary>Where no limit hides what a weight does.</summary>
    public static TheoryData<string> Unlimited() => RecurrentCatalogue.Names(
        v => v is { Merge: null, UseBias: true, SeparateBiases: false, GoBackwards: false, Extras: null or { Limit: null } });

    [Theory]
    [MemberData(nameof(Names))]
    public void Outputs_and_final_states_agree_with_the_equations(string name)
    {
        foreach (RecurrentCase one in RecurrentCatalogue.CasesOf(name)) CompareForward(one, one.Run());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_agree_with_differences_of_the_equations(string name)
    {
        RecurrentVariant variant = RecurrentCatalogue.Named(name);
        bool odd = name.Length % 2 == 1;
        CompareGradients(new RecurrentCase(variant, new RecurrentSetting(5, 3, true, true, true, Steps: 4)), samples: 40);
        CompareGradients(new RecurrentCase(variant, new RecurrentSetting(19, 3, false, odd, !odd, Steps: 4)), samples: 4);
    }

    [Theory]
    [MemberData(nameof(Plain))]
    public void Every_single_gradient_agrees_with_differences_of_the_equations(string name) =>
        CompareGradients(new RecurrentCase(RecurrentCatalogue.Named(name), new RecurrentSetting(18, 2, true, true, true, Steps: 3)), samples: int.MaxValue);

    [Theory]
    [MemberData(nameof(Plain))]
    public void Twenty_thousand_steps_agree_with_the_equations(string name)
    {
        var one = new RecurrentCase(RecurrentCatalogue.Named(name), new RecurrentSetting(5, 1, true, false, true, Steps: 20_000));
        RecurrentOutcome found = CompareGradients(one, samples: 1, tolerance: 1e-4);
        CompareForward(one, found);
    }

    [Theory]
    [MemberData(nameof(Unlimited))]
    public void A_wrong_sign_is_caught(string name)
    {
        var one = new RecurrentCase(RecurrentCatalogue.Named(name), new RecurrentSetting(5, 3, true, true, true, Steps: 4));
        RecurrentOutcome right = one.Run();
        CompareForward(one, right);
        for (int p = 0; p < right.ParameterGradients.Length; p++)
        {
            float[][] gradients = [.. right.ParameterGradients.Select(g => (float[])g.Clone())];
            gradients[p][0] = -gradients[p][0];
            RecurrentOutcome wrong = right with { ParameterGradients = gradients };
            GradientMismatch caught = Assert.Throws<GradientMismatch>(() => CompareGradients(one, samples: 1, found: wrong));
            Assert.Contains($"parameter {p}", caught.Message, StringComparison.Ordinal);

            Layer layer = one.NewLayer();
            float[] values = layer.Parameters[p].ToArray();
            values[^1] = -values[^1];
            layer.Parameters[p].Set(values);
            Assert.Throws<ForwardMismatch>(() => CompareForward(one, RecurrentRun.Of(layer, one.Data)));
        }
    }

    [Fact]
    public void Peepholes_join_the_sums_that_the_paper_says()
    {
        // One unit, one step, by hand: Gers, Schraudolph and Schmidhuber 2002, with c0 = 0.5 and weights of one digit.
        var layer = new PeepholeLstm(1, returnSequences: true);
        layer.Build(new Shape(Shape.Unknown, Shape.Unknown, 1));
        layer.Parameters[0].Set([0.1f, 0.2f, 0.3f, 0.4f]);
        layer.Parameters[1].Set([0.5f, -0.6f, 0.7f, -0.8f]);
        layer.Parameters[2].Set([0.9f, -1.0f, 1.1f, -1.2f]);
        layer.Parameters[3].Set([1.3f, -1.4f, 1.5f]);
        RecurrentOutcome found = RecurrentRun.Of(layer, new RecurrentData([2f], 1, 1, 1, null, [[0.25f], [0.5f]], [1f], [[0f], [0f]]));
        static double Sigmoid(double a) => 1 / (1 + Math.Exp(-a));
        double carry = Sigmoid(0.2 * 2 - 0.6 * 0.25 - 1.0 - 1.4 * 0.5) * 0.5 + Sigmoid(0.1 * 2 + 0.5 * 0.25 + 0.9 + 1.3 * 0.5) * Math.Tanh(0.3 * 2 + 0.7 * 0.25 + 1.1);
        double hidden = Sigmoid(0.4 * 2 - 0.8 * 0.25 - 1.2 + 1.5 * carry) * Math.Tanh(carry);
        Assert.Equal(hidden, found.Output[0], 6);
        Assert.Equal(carry, found.Finals[1][0], 6);
    }

    private static double[][] Doubles(float[][] values) => [.. values.Select(v => Array.ConvertAll(v, n => (double)n))];

    internal static void CompareForward(RecurrentCase one, RecurrentOutcome found, bool training = false)
    {
        double[][] expected = ReferenceRecurrentLayer.Run(one.Variant, one.Setting, one.Data,
            Array.ConvertAll(one.Data.Input, v => (double)v), Doubles(one.Data.Initial), Doubles([.. one.NewLayer().Parameters.Select(p => p.ToArray())]), training);
        foreach ((double[] values, (string name, float[] floats)) in expected.Zip(found.Forward()))
        {
            double largest = values.Append(0).Max(Math.Abs);
            for (int i = 0; i < values.Length; i++)
                if (!(Math.Abs(values[i] - floats[i]) <= ForwardTolerance * largest))
                    throw new ForwardMismatch($"{one}: {name}: number {i}: expected {values[i]:R}, found {floats[i]:R} (largest {largest:R}).");
        }
    }

    internal static RecurrentOutcome CompareGradients(
        RecurrentCase one, int samples, double tolerance = GradientTolerance, RecurrentOutcome? found = null, bool training = false)
    {
        found ??= one.Run();
        double[] x = Array.ConvertAll(one.Data.Input, v => (double)v);
        double[][] initial = Doubles(one.Data.Initial), parameters = Doubles([.. one.NewLayer().Parameters.Select(p => p.ToArray())]);
        double Loss()
        {
            double[][] all = ReferenceRecurrentLayer.Run(one.Variant, one.Setting, one.Data, x, initial, parameters, training);
            double sum = 0;
            for (int part = 0; part < all.Length; part++)
            {
                float[] weights = part == 0 ? one.Data.OutputWeights : one.Data.FinalWeights[part - 1];
                for (int i = 0; i < weights.Length; i++) sum += weights[i] * all[part][i];
            }
            return sum;
        }
        void Compare(string of, double[] values, float[] gradient)
        {
            // A share of the tensor's largest gradient, which the float's own give: each sampled one is held against it.
            double largest = gradient.Append(0).Max(Math.Abs);
            int stride = Math.Max(1, values.Length / samples);
            for (int i = 0; i < values.Length; i += stride)
            {
                double value = values[i];
                values[i] = value + Step;
                double above = Loss();
                values[i] = value - Step;
                double difference = (above - Loss()) / (2 * Step);
                values[i] = value;
                if (!(Math.Abs(difference - gradient[i]) <= tolerance * Math.Max(largest, Math.Abs(difference))))
                    throw new GradientMismatch($"{one}: gradient {i} of {of}: differences give {difference:R}, found {gradient[i]:R} (largest {largest:R}).");
            }
        }
        for (int p = 0; p < parameters.Length; p++) Compare($"parameter {p}", parameters[p], found.ParameterGradients[p]);
        for (int s = 0; s < initial.Length; s++) Compare($"initial state {s}", initial[s], found.InitialGradients[s]);
        Compare("the input", x, found.InputGradient);
        return found;
    }
}

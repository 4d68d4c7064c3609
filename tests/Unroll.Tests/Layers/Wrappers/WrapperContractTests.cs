using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Support;

namespace Unroll.Tests.Layers.Wrappers;

/// <summary>What holds for every wrapper on sequences [B, T, 4] of unequal length.</summary>
[Collection(VectorWidthCollection.Name)]
public sealed class WrapperContractTests
{
    private const int Features = 4, Steps = 6;
    private static readonly int[] s_lengths = [3, 6, 0, 1, 5];

    private static readonly Dictionary<string, Func<Layer>> s_wrappers = new()
    {
        ["time distributed"] = () => new TimeDistributed(new Dense(3, "tanh")),
        ["time distributed stack"] = () => new TimeDistributed(new Stack(new Flatten(), new LayerNormalization(), new Dense(2))),
        ["repeated"] = () => new Stack(new Gru(3), new RepeatVector(2), new Lstm(3, returnSequences: true)),
        ["masked"] = () => new Stack(new Masking(0.5f), new Lstm(5, returnSequences: true)),
        ["masked, put back"] = () => new Stack(new Masking(0.5f), new Bidirectional(new Gru(3, returnSequences: true)), new Unmasking()),
        ["masked, last state"] = () => new Stack(new Masking(0.5f), new SimpleRnn(5)),
        ["residual"] = () => new Residual(new Lstm(Features, returnSequences: true)),
        ["residual, projected"] = () => new Residual(new Stack(new Gru(7, returnSequences: true), new Dense(6)), new Dense(6, useBias: false)),
        ["highway"] = () => new Highway(new Gru(Features, returnSequences: true), gateBias: -0.3f),
        ["stack with dropout"] = () => Stack.WithDropout(0.3f, new Lstm(5, returnSequences: true), new Gru(4, returnSequences: true), new Lstm(3)),
        ["both ways, different"] = () => new Bidirectional(new Lstm(5, returnSequences: true), new Gru(3, returnSequences: true) { GoBackwards = true }),
        ["attention"] = () => new MultiHeadAttention(2, 3) { Causal = true, ValueSize = 2, OutputSize = 5 },
        ["attention, turned"] = () => new Stack(new Dense(6), new MultiHeadAttention(3, 4) { RotaryBase = 50, UseBias = false, Dropout = 0.2f }),
        ["attention over a mask"] = () => new Stack(new Masking(0.5f), new PositionalEncoding(), new MultiHeadAttention(2, 2) { UseBias = false }),
        ["positions"] = () => new Stack(new PositionalEncoding(), new Dense(3, "tanh")),
        ["segments, first step"] = () => new Stack(new SegmentEmbedding(2), new FirstStep()),
        ["trained positions"] = () => new PositionEmbedding(6),
        ["encoder, post-norm"] = () => new TransformerEncoder(2, 2, 7) { Activation = "gelu", Dropout = 0.2f, Epsilon = 1 },
        ["encoder, pre-norm"] = () => new TransformerEncoder(2, 2, 7) { NormFirst = true, Activation = "tanh", Causal = true, RotaryBase = 20, Dropout = 0.1f, Epsilon = 1 },
        ["both ways, different, summed"] = () => new Bidirectional(new SimpleRnn(4), new PeepholeLstm(4) { GoBackwards = true }, MergeMode.Sum),
    };

    public static TheoryData<string> Wrappers => [.. s_wrappers.Keys];

    [Theory]
    [MemberData(nameof(Wrappers))]
    public void A_sequence_in_a_batch_has_the_bits_of_the_sequence_alone(string name)
    {
        Layer layer = Built(name);
        var tape = new Tape(recording: false);
        float[] all = layer.Forward(Input(), new Pass(tape)).ToArray();
        int width = all.Length / s_lengths.Length, steps = layer.OutputShape.Rank == 3 && layer.OutputShape[1] == Shape.Unknown ? Steps : 1;
        for (int b = 0; b < s_lengths.Length; b++)
        {
            Tensor alone = Tensor.FromArray(Numbers().AsSpan(b * Steps * Features, s_lengths[b] * Features), 1, s_lengths[b], Features);
            float[] expected = layer.Forward(alone, new Pass(tape)).ToArray();
            if (s_lengths[b] == 0 && steps > 1) Assert.All(all[(b * width)..((b + 1) * width)], value => Assert.Equal(0f, value));
            else Assert.Equal(expected, all[(b * width)..(b * width + expected.Length)]);
        }
    }

    [Theory]
    [MemberData(nameof(Wrappers))]
    public void Gradients_are_those_of_differences(string name)
    {
        Layer layer = Built(name);
        Tensor x = Input();
        double Loss(Tensor input)
        {
            float[] y = layer.Forward(input, new Pass(new Tape(recording: false), Training: true, Seed: 3)).ToArray();
            return y.Select((value, i) => (double)value * GradientCheck.Weights(y.Length)[i]).Sum();
        }
        var tape = new Tape();
        tape.Watch(x);
        Tensor output = layer.Forward(x, new Pass(tape, Training: true, Seed: 3));
        tape.Backward(output, GradientCheck.Weights(output.Shape.Length));
        foreach (Parameter parameter in layer.Parameters.Where(parameter => !parameter.Name.EndsWith("key_bias", StringComparison.Ordinal))) // it moves all scores of a query alike
            Assert.InRange(parameter.GradientToArray().Max(Math.Abs), 1e-5f, float.MaxValue);

        // One number for all weights: the slope along a direction.
        const float step = 2e-3f;
        double slope = 0;
        float[][] before = [.. layer.Parameters.Select(parameter => parameter.ToArray())];
        float[][] direction = [.. layer.Parameters.Select((parameter, i) => RecurrentData.Numbers(parameter.Count, 40 + i, 1))];
        for (int i = 0; i < before.Length; i++)
            slope += layer.Parameters[i].GradientToArray().Zip(direction[i], (g, d) => (double)g * d).Sum();
        double At(float scale)
        {
            for (int i = 0; i < before.Length; i++) layer.Parameters[i].Set([.. before[i].Zip(direction[i], (value, d) => value + scale * d)]);
            return Loss(x);
        }
        if (before.Length > 0) Assert.Equal((At(step) - At(-step)) / (2 * step), slope, 4e-3 * Math.Max(1, Math.Abs(slope)));
        for (int i = 0; i < before.Length; i++) layer.Parameters[i].Set(before[i]);

        float[] inputs = Numbers(), turn = [.. RecurrentData.Numbers(inputs.Length, 77, 1).Select((d, i) => IsMasked(i) ? 0 : d)];
        double inputSlope = tape.GradientOf(x).Zip(turn, (g, d) => (double)g * d).Sum();
        double Moved(float scale) => Loss(Tensor.FromArray([.. inputs.Zip(turn, (value, d) => value + scale * d)], 5, Steps, Features).WithLengths(s_lengths));
        Assert.Equal((Moved(step) - Moved(-step)) / (2 * step), inputSlope, 4e-3 * Math.Max(1, Math.Abs(inputSlope)));
        Assert.All(tape.GradientOf(x).Where((_, i) => i / Features % Steps >= s_lengths[i / Features / Steps]), g => Assert.Equal(0f, g));
    }

    [Theory]
    [MemberData(nameof(Wrappers))]
    public void A_saved_wrapper_comes_back_to_the_same_bits(string name)
    {
        var model = new Sequential(new Shape(-1, -1, Features), seed: 5) { s_wrappers[name]() };
        using var file = new TemporaryFile("", ".safetensors");
        model.Save(file.Path);
        Sequential loaded = Sequential.Load(file.Path);
        float[] Run(Sequential one) => one.Forward(Input(), new Pass(new Tape(false))).ToArray();
        Assert.Equal(model.Parameters.Select(p => p.Name), loaded.Parameters.Select(p => p.Name));
        Assert.Equal(Run(model), Run(loaded));
        Assert.Contains(Run(model), value => value != 0);
    }

    [Theory]
    [MemberData(nameof(Wrappers))]
    public void A_warm_step_allocates_nothing(string name)
    {
        Layer layer = Built(name);
        Tensor x = Input();
        var tape = new Tape();
        float[] weights = GradientCheck.Weights(layer.Forward(x, new Pass(tape)).Shape.Length);
        void Step()
        {
            Tensor output = layer.Forward(x, new Pass(tape, Training: true));
            tape.Backward(output, weights);
            tape.Reset();
        }
        DividedWork.On(1, () =>
        {
            for (int i = 0; i < 60; i++) Step();
            long native = tape.AllocatedBytes;
            long managed = ManagedAllocations.Of(() =>
            {
                for (int i = 0; i < 5; i++) Step();
            });
            Assert.Equal((native, 0), (tape.AllocatedBytes, managed));
            return 0;
        });
    }

    private static Layer Built(string name)
    {
        Layer layer = s_wrappers[name]();
        layer.Name = "w";
        layer.Build(new Shape(Shape.Unknown, Shape.Unknown, Features), 3);
        return layer;
    }

    /// <summary>All different; some steps hold the mask's number alone.</summary>
    private static float[] Numbers() => [.. RecurrentData.Numbers(s_lengths.Length * Steps * Features, 9, 1).Select((value, i) => IsMasked(i) ? 0.5f : value)];

    private static bool IsMasked(int index) => (index / Features) is 1 or 6 or 8 or 11 or 18 or 25;

    private static Tensor Input() => Tensor.FromArray(Numbers(), s_lengths.Length, Steps, Features).WithLengths(s_lengths);
}

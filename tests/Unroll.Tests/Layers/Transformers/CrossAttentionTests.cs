using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Support;

namespace Unroll.Tests.Layers.Transformers;

/// <summary>What holds for layers that read a target and a memory of other lengths.</summary>
[Collection(VectorWidthCollection.Name)]
public sealed class CrossAttentionTests
{
    private const int Features = 4, MemoryFeatures = 3, Steps = 6, MemorySteps = 5;
    private static readonly int[] s_lengths = [3, 6, 0, 1, 5], s_memoryLengths = [5, 2, 3, 0, 4];

    private static readonly Dictionary<string, Func<MultipleInputLayer>> s_layers = new()
    {
        ["query and value"] = () => new MultiHeadAttention(2, 3) { ValueSize = 2, OutputSize = 5, Dropout = 0.2f },
        ["decoder layer"] = () => new TransformerDecoderLayer(2, 7) { Activation = "gelu", Dropout = 0.1f },
        ["decoder, pre-norm"] = () => new TransformerDecoder(2, 2, 7) { NormFirst = true, Activation = "tanh", RotaryBase = 30 },
        ["decoder, post-norm"] = () => new TransformerDecoder(2, 2, 5) { FinalNorm = true, Activation = "gelu", Dropout = 0.2f },
    };

    public static TheoryData<string> Names => [.. s_layers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sequence_in_a_batch_has_the_bits_of_the_sequence_alone_at_every_width_and_on_any_number_of_threads(string name)
    {
        Layer layer = Built(name).Layers[0];
        float[]? expected = null;
        VectorWidthCollection.AtEach(_ =>
        {
            foreach (int threads in new[] { 1, 3 })
            {
                float[] all = DividedWork.On(threads, () => Forward(layer, Target(), Memory()).ToArray());
                expected ??= all;
                Assert.Equal(expected, all);
            }
        });
        int width = expected!.Length / s_lengths.Length;
        for (int b = 0; b < s_lengths.Length; b++)
        {
            Tensor target = Tensor.FromArray(TargetNumbers().AsSpan(b * Steps * Features, s_lengths[b] * Features), 1, s_lengths[b], Features);
            Tensor memory = Tensor.FromArray(MemoryNumbers().AsSpan(b * MemorySteps * MemoryFeatures, s_memoryLengths[b] * MemoryFeatures), 1, s_memoryLengths[b], MemoryFeatures);
            float[] alone = Forward(layer, target, memory).ToArray();
            Assert.Equal(alone, expected[(b * width)..(b * width + alone.Length)]);
            Assert.All(expected[(b * width + alone.Length)..((b + 1) * width)], value => Assert.Equal(0f, value));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_are_those_of_differences(string name)
    {
        Model model = Built(name);
        Tensor target = Target(), memory = Memory();
        var tape = new Tape();
        tape.Watch(target);
        tape.Watch(memory);
        Tensor y = model.Forward([target, memory], new Pass(tape, Training: true, Seed: 3))[0];
        tape.Backward(y, GradientCheck.Weights(y.Shape.Length));
        double Loss(Tensor t, Tensor m)
        {
            float[] found = model.Forward([t, m], new Pass(new Tape(recording: false), Training: true, Seed: 3))[0].ToArray();
            return found.Zip(GradientCheck.Weights(found.Length), (value, weight) => (double)value * weight).Sum();
        }
        void Check(double slope, Func<float, double> at) => Assert.Equal((at(2e-3f) - at(-2e-3f)) / 4e-3, slope, 4e-3 * Math.Max(1, Math.Abs(slope)));

        float[][] before = [.. model.Parameters.Select(parameter => parameter.ToArray())];
        float[][] turn = [.. model.Parameters.Select((parameter, i) => RecurrentData.Numbers(parameter.Count, 40 + i, 1))];
        Check(model.Parameters.Select((parameter, i) => Slope(parameter.GradientToArray(), turn[i])).Sum(), scale =>
        {
            for (int i = 0; i < before.Length; i++) model.Parameters[i].Set(Moved(before[i], turn[i], scale));
            return Loss(target, memory);
        });
        for (int i = 0; i < before.Length; i++) model.Parameters[i].Set(before[i]);
        float[] ofTarget = RecurrentData.Numbers(TargetNumbers().Length, 77, 1), ofMemory = RecurrentData.Numbers(MemoryNumbers().Length, 78, 1);
        Check(Slope(tape.GradientOf(target), ofTarget), scale => Loss(Ragged(Moved(TargetNumbers(), ofTarget, scale), Steps, s_lengths), memory));
        Check(Slope(tape.GradientOf(memory), ofMemory), scale => Loss(target, Ragged(Moved(MemoryNumbers(), ofMemory, scale), MemorySteps, s_memoryLengths)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_saved_model_and_a_copied_layer_have_the_same_bits(string name)
    {
        Model model = Built(name);
        using var file = new TemporaryFile("", ".safetensors");
        model.Save(file.Path);
        Model loaded = Model.Load(file.Path);
        float[] Run(Model one) => one.Forward([Target(), Memory()], new Pass(new Tape(false)))[0].ToArray();
        Assert.Equal(model.Parameters.Select(p => p.Name), loaded.Parameters.Select(p => p.Name));
        Assert.Equal(Run(model), Run(loaded));
        Assert.Equal(Run(model), Forward(model.Layers[0].Copy(), Target(), Memory()).ToArray());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_warm_step_allocates_nothing(string name)
    {
        var layer = (MultipleInputLayer)Built(name).Layers[0];
        Tensor target = Target(), memory = Memory();
        var tape = new Tape();
        float[] weights = GradientCheck.Weights(Forward(layer, target, memory).Shape.Length);
        void Step()
        {
            tape.Backward(layer.Forward([target, memory], new Pass(tape, Training: true)), weights);
            tape.Reset();
        }
        DividedWork.On(1, () =>
        {
            for (int i = 0; i < 60; i++) Step();
            Assert.Equal(0, ManagedAllocations.Of(() =>
            {
                for (int i = 0; i < 5; i++) Step();
            }));
            return 0;
        });
    }

    [Fact]
    public void A_first_call_outside_a_model_builds_for_all_inputs()
    {
        var layer = new MultiHeadAttention(2, 3, "here");
        Assert.Equal(s_lengths, Forward(layer, Target(), Memory()).Lengths.ToArray());
        Assert.Equal([new Shape(-1, -1, Features), new Shape(-1, -1, MemoryFeatures)], layer.InputShapes);
        Assert.Contains("expected 2 inputs, for which it was built, received 1", Assert.Throws<ArgumentException>(() => layer.Forward(Target(), new Pass(new Tape(false)))).Message);
        Assert.Contains("as input 1, for which it was built", Assert.Throws<ArgumentException>(() => Forward(layer, Target(), Target())).Message);
    }

    [Fact]
    public void Scores_are_a_second_output_and_change_nothing()
    {
        LayerOutput t = Input.Of(new Shape(-1, -1, Features)), m = Input.Of(new Shape(-1, -1, MemoryFeatures));
        var with = new MultiHeadAttention(2, 3) { ReturnAttentionScores = true };
        IReadOnlyList<LayerOutput> outputs = with.OutputsOf(t, m);
        Assert.Equal(new Shape(-1, 2, -1, -1), outputs[1].Shape);
        Tensor[] found = new Model([t, m], outputs, seed: 3).Forward([Target(), Memory()], new Pass(new Tape(false)));
        Assert.Equal(Forward(new MultiHeadAttention(2, 3, with.Name), Target(), Memory(), seed: 3).ToArray(), found[0].ToArray());
        float[][] rows = [.. found[1].ToArray().Chunk(MemorySteps)];
        for (int i = 0; i < rows.Length; i++)
        {
            int b = i / (2 * Steps), step = i % Steps;
            bool any = step < s_lengths[b] && s_memoryLengths[b] > 0;
            Assert.Equal(any ? 1f : 0f, rows[i].Sum(), 1e-6f);
            Assert.All(rows[i][s_memoryLengths[b]..], weight => Assert.Equal(0f, weight));
        }
    }

    private static double Slope(float[] gradient, float[] direction) => gradient.Zip(direction, (g, d) => (double)g * d).Sum();

    private static float[] Moved(float[] values, float[] direction, float scale) => [.. values.Zip(direction, (value, d) => value + scale * d)];

    private static Model Built(string name)
    {
        LayerOutput target = Input.Of(new Shape(-1, -1, Features)), memory = Input.Of(new Shape(-1, -1, MemoryFeatures));
        return new Model([target, memory], [s_layers[name]().Of(target, memory)], seed: 3);
    }

    private static Tensor Forward(Layer layer, Tensor target, Tensor memory, ulong seed = 0) => ((MultipleInputLayer)layer).Forward([target, memory], new Pass(new Tape(recording: false), Seed: seed));

    private static float[] TargetNumbers() => RecurrentData.Numbers(s_lengths.Length * Steps * Features, 9, 1);

    private static float[] MemoryNumbers() => RecurrentData.Numbers(s_lengths.Length * MemorySteps * MemoryFeatures, 5, 1);

    private static Tensor Target() => Ragged(TargetNumbers(), Steps, s_lengths);

    private static Tensor Memory() => Ragged(MemoryNumbers(), MemorySteps, s_memoryLengths);

    private static Tensor Ragged(float[] values, int steps, int[] lengths) =>
        Tensor.FromArray(values, lengths.Length, steps, values.Length / lengths.Length / steps).WithLengths(lengths);
}

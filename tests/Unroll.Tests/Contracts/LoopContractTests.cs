using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Cli.Bench;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;
using Unroll.Tests.Layers.Recurrent;
using Unroll.Tests.Support;

namespace Unroll.Tests.Contracts;

/// <summary>What holds for every layer that loops over time outside the fused kernels.</summary>
[Collection(VectorWidthCollection.Name)]
public sealed class LoopContractTests
{
    private const double Step = 1e-5;

    static LoopContractTests() => RnnCell.Register("own_lstm", OwnLstmCell.FromConfiguration);

    public static TheoryData<string> Names() => LoopCatalogue.Names();

    [Theory]
    [MemberData(nameof(Names))]
    public void Values_agree_with_double_precision_and_gradients_with_its_differences(string name)
    {
        foreach (LoopRun one in LoopRun.Of(name)) AgreesWithDouble(one, one.Data(), samples: 11);
    }

    /// <summary>Holds values against the reference, and of each gradient so many numbers against its differences.</summary>
    internal static void AgreesWithDouble(LoopRun one, RecurrentData data, int samples)
    {
        Layer layer = one.NewLayer();
        RecurrentOutcome found = one.Run(layer, data);
        Assert.Equal(layer.OutputShapeOf(new Unroll.Basics.Shape(data.Batch, data.Steps, data.Inputs)), found.Shape);
        double[] x = Array.ConvertAll(data.Input, v => (double)v);
        double[][] initial = Doubles(data.Initial), parameters = Doubles([.. layer.Parameters.Select(p => p.ToArray())]);
        double[][] Reference() => one.Reference(data, x, initial, parameters);
        foreach ((double[] expected, (string part, float[] values)) in Reference().Zip(found.Forward()))
            Agreement.Close($"{one}: {part}", expected, values, 2e-6);

        double Loss() => Reference().Zip(data.FinalWeights.Prepend(data.OutputWeights), (values, weights) => values.Zip(weights, (v, w) => v * w).Sum()).Sum();
        void Compare(string what, double[] values, float[] gradient)
        {
            double largest = gradient.Append(0).Max(Math.Abs);
            for (int i = 0; i < values.Length; i += Math.Max(1, values.Length / samples))
            {
                double value = values[i];
                values[i] = value + Step;
                double above = Loss();
                values[i] = value - Step;
                double difference = (above - Loss()) / (2 * Step);
                values[i] = value;
                Assert.True(Math.Abs(difference - gradient[i]) <= 2e-5 * Math.Max(largest, 1e-3), $"{one}: gradient {i} of {what}: differences give {difference:R}, found {gradient[i]:R}.");
            }
        }
        Compare("the input", x, found.InputGradient);
        for (int i = 0; i < initial.Length; i++) Compare($"initial state {i}", initial[i], found.InitialGradients[i]);
        for (int i = 0; i < parameters.Length; i++) Compare($"parameter {i}", parameters[i], found.ParameterGradients[i]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_row_alone_gives_the_bits_of_that_row_in_a_batch(string name)
    {
        foreach (LoopRun one in LoopRun.Of(name))
        {
            Layer layer = one.NewLayer();
            RecurrentData data = one.Data();
            RecurrentOutcome batch = one.Run(layer, data);
            for (int b = 0; b < data.Batch; b++)
            {
                float[] Row(float[] values) => values[(b * (values.Length / data.Batch))..((b + 1) * (values.Length / data.Batch))];
                RecurrentOutcome alone = one.Run(layer, data.Row(b));
                Agreement.SameBits($"{one}, row {b}", batch.Forward().Select(p => (p.Name, Row(p.Values))), alone.Forward());
                Agreement.SameBits($"{one}, row {b}: input gradient", Row(batch.InputGradient), alone.InputGradient, signOfZero: false);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_vector_width_and_any_number_of_threads_give_the_same_bits(string name)
    {
        foreach (int units in new[] { 5, 70 })
            foreach (LoopRun one in LoopRun.Of(name, units).Where(one => one.Setting is { Ragged: true, InitialState: true }))
            {
                RecurrentOutcome? first = null;
                VectorWidthCollection.AtEach(width =>
                {
                    foreach (int threads in new[] { 1, 2, 3, 7 })
                    {
                        RecurrentOutcome found = DividedWork.On(threads, () => one.Run(one.NewLayer(), one.Data()));
                        Agreement.SameBits($"{one}, {width} bits, {threads} threads", (first ??= found).Parts(), found.Parts());
                    }
                });
            }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Time_in_two_pieces_gives_what_one_gives(string name)
    {
        foreach (LoopRun one in LoopRun.Of(name).Where(one => one.Setting.ReturnSequences))
        {
            int cut = one.Setting.Steps / 2;
            Layer layer = one.NewLayer();
            RecurrentData data = one.Data();
            RecurrentOutcome whole = one.Run(layer, data, new Tape(recording: false));
            (int Start, int Count)[] order = one.Backwards ? [(cut, data.Steps - cut), (0, cut)] : [(0, cut), (cut, data.Steps - cut)];
            RecurrentOutcome first = one.Run(layer, data.Slice(order[0].Start, order[0].Count, sequences: true), new Tape(recording: false));
            RecurrentOutcome second = one.Run(layer, data.Slice(order[1].Start, order[1].Count, sequences: true) with { Initial = first.Finals }, new Tape(recording: false));
            (RecurrentOutcome early, RecurrentOutcome late) = one.Backwards ? (second, first) : (first, second);
            Compare("output", whole.Output, RecurrentData.JoinTime(data.Batch, (early.Output, cut), (late.Output, data.Steps - cut)));
            for (int i = 0; i < whole.Finals.Length; i++) Compare($"final state {i}", whole.Finals[i], second.Finals[i]);

            void Compare(string what, float[] expected, float[] found)
            {
                if (one.Entry.JoinsToTheBit) Agreement.SameBits($"{one}: {what}", expected, found);
                else Agreement.Close($"{one}: {what}", expected, found, 1e-6);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Sequences_without_steps_hand_their_state_on(string name)
    {
        foreach (LoopRun one in LoopRun.Of(name).Where(one => one.Setting is { Ragged: true, InitialState: true }))
            foreach (int steps in new[] { 7, 0 })
            {
                var run = one with { Setting = one.Setting with { Steps = steps } };
                RecurrentData data = run.Data() with { Lengths = new int[one.Setting.Batch] };
                RecurrentOutcome found = run.Run(run.NewLayer(), data);
                for (int i = 0; i < found.Finals.Length; i++)
                {
                    Agreement.SameBits($"{one}: final state {i}", data.Initial[i], found.Finals[i]);
                    if (one.Setting.ReturnSequences) Agreement.SameBits($"{one}: gradient of initial state {i}", data.FinalWeights[i], found.InitialGradients[i]);
                }
                Assert.All(found.ParameterGradients, g => Assert.All(g, v => Assert.Equal(0f, v)));
            }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_layer_saved_and_loaded_in_a_model_gives_the_same(string name)
    {
        foreach (LoopRun one in LoopRun.Of(name).Where((_, i) => i % 5 == 0))
        {
            Layer layer = one.NewLayer();
            using var file = new TemporaryFile("", ".safetensors");
            new Sequential { layer }.Save(file.Path);
            Layer loaded = Assert.Single(Sequential.Load(file.Path).Layers);
            Assert.Equal(layer.Parameters.Select(p => (p.Name, p.Shape)), loaded.Parameters.Select(p => (p.Name, p.Shape)));
            Agreement.SameBits(one.ToString(), one.Run(layer, one.Data()).Parts(), one.Run(loaded, one.Data()).Parts());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_step_of_training_allocates_nothing_after_the_first_ones(string name)
    {
        foreach (LoopRun one in LoopRun.Of(name).Where(one => !one.Setting.InitialState))
        {
            Layer layer = one.NewLayer();
            RecurrentData data = one.Data();
            // Two batches in turn, of other lengths where they are ragged.
            Tensor[] inputs = [data.InputTensor(), (data with { Lengths = data.Lengths?.Select(n => data.Steps - n).ToArray() }).InputTensor()];
            var tape = new Tape();
            void Rounds(int count)
            {
                for (int round = 0; round < count; round++)
                    foreach (Tensor x in inputs)
                    {
                        tape.Watch(x);
                        tape.Backward(layer.Forward(x, new Pass(tape, Training: true)), data.OutputWeights);
                        tape.Reset();
                    }
            }
            Rounds(3);
            long bytes = ManagedAllocations.Of(() => Rounds(3));
            Assert.True(bytes == 0, $"{one}: {bytes} bytes.");
        }
    }

    private static double[][] Doubles(float[][] values) => [.. values.Select(v => Array.ConvertAll(v, n => (double)n))];
}

using Unroll.Basics;
using Unroll.Inference;
using Unroll.Kernels.Recurrent;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Inference.Streaming;

/// <summary>A streamed sequence gives the bits of the whole one, whatever the layer, the vector width and the number of threads.</summary>
[Collection(VectorWidthCollection.Name)]
public class StreamBitsTests
{
    private const int Steps = 6;

    public static TheoryData<string> Forward() => RecurrentCatalogue.Names(v => v is { Merge: null, GoBackwards: false });

    [Theory]
    [MemberData(nameof(Forward))]
    public void Every_recurrent_layer_gives_the_bits_of_the_whole_sequence(string name)
    {
        RecurrentVariant variant = RecurrentCatalogue.Named(name);
        int number = 0;
        foreach (int units in new[] { 5, 16, 33, 70, 150 })
            foreach (int inputs in new[] { 1, 3, 18 })
            {
                bool sequences = number++ % 2 == 0;
                Sequential model = Model(inputs, variant.Make(units, sequences));
                VectorWidthCollection.AtEach(width => SameBits($"{name}; units {units}, inputs {inputs}, {width} bits", model, inputs, sequences));
            }
    }

    [Theory]
    [MemberData(nameof(Forward))]
    public void A_state_written_gives_the_bits_of_a_sequence_that_begins_with_it(string name)
    {
        foreach (RecurrentCase one in RecurrentCatalogue.CasesOf(name).Where(c => c.Setting is { InitialState: true, ReturnSequences: true, Ragged: false }))
        {
            var layer = (RecurrentLayer)one.NewLayer();
            RecurrentOutcome batch = RecurrentRun.Of(layer, one.Data, recording: false);
            using ModelStream stream = new Sequential { layer }.OpenStream();
            for (int b = 0; b < one.Setting.Batch; b++)
            {
                RecurrentData row = one.Data.Row(b);
                stream.WriteState(row.Initial.SelectMany(v => v).ToArray());
                float[] found = [.. Enumerable.Range(0, row.Steps).SelectMany(t => stream.Step(row.Input.AsSpan(t * row.Inputs, row.Inputs)).ToArray())];
                Agreement.SameBits($"{one}, row {b}", batch.Output[(b * found.Length)..((b + 1) * found.Length)], found);
                float[] state = new float[stream.StateLength];
                stream.ReadState(state);
                Agreement.SameBits($"{one}, row {b}: final state", [.. batch.Finals.SelectMany(f => f[(b * layer.Units)..((b + 1) * layer.Units)])], state);
            }
        }
    }

    [Fact]
    public void A_zero_keeps_its_sign_before_anything_came()
    {
        Sequential model = Model(1, new SimpleRnn(3, "linear", returnSequences: true));
        float[] minusZeros = [-0f, -0f, -0f];
        model.Parameters[0].Set([-1, -1, -1]);
        model.Parameters[1].Set([1, 1, 1, 1, 1, 1, 1, 1, 1]);
        model.Parameters[2].Set(minusZeros);
        Agreement.SameBits("whole", minusZeros, model.Predict(Tensor.FromArray([0f], 1, 1, 1)).ToArray());
        using ModelStream stream = model.OpenStream();
        Agreement.SameBits("opened", minusZeros, stream.Step([0]).ToArray());
        stream.Reset();
        Agreement.SameBits("reset", minusZeros, stream.Step([0]).ToArray());
        stream.WriteState([0, 0, 0]);
        Agreement.SameBits("written", minusZeros, stream.Step([0]).ToArray());
    }

    [Fact]
    public void Layers_of_every_other_kind_give_the_bits_of_the_whole_sequence()
    {
        Sequential model = Model(7,
            new Lstm(20, returnSequences: true), new LayerNormalization(), new Dropout(0.5f), new Dense(35, "gelu"), new ActivationLayer("softmax"),
            new Stack(new Gru(17, returnSequences: true), new Dense(9)),
            new ParallelSum(new SimpleRnn(12, returnSequences: true), new Stack(new Dropout(0.1f), new Dense(12)), new Dense(12, "tanh", useBias: false)),
            new PeepholeLstm(40), new Flatten(), new Dense(3, "softmax"));
        VectorWidthCollection.AtEach(width => SameBits($"{width} bits", model, 7, sequences: false));
    }

    [Fact]
    public void Token_ids_give_the_bits_of_the_whole_sequence()
    {
        var model = new Sequential { new Embedding(30, 5), new Gru(24, returnSequences: true), new Dense(30) };
        int[] ids = [3, 29, 0, 3, 17];
        float[] expected = model.Predict(Tensor.FromTokens([ids])).ToArray();
        using ModelStream stream = model.OpenStream(), floats = model.OpenStream();
        Agreement.SameBits("ids", expected, [.. ids.SelectMany(id => stream.Step(id).ToArray())]);
        Agreement.SameBits("ids as floats", expected, [.. ids.SelectMany(id => floats.Step([id]).ToArray())]);
        Assert.True(stream.TakesIds);
    }

    [Theory]
    [InlineData(StreamWeights.Float32)]
    [InlineData(StreamWeights.BFloat16)]
    [InlineData(StreamWeights.Int8)]
    public void Steps_divided_among_threads_give_the_bits_of_one_thread(StreamWeights weights)
    {
        foreach (Layer[] layers in new Layer[][] { [new Lstm(90)], [new Gru(90)], [new Gru(90) { ResetAfter = false }], [new SimpleRnn(90), new Dense(200)] })
        {
            Sequential model = Model(11, layers);
            float[] alone = Answers(model, weights);
            (int threads, long? least) = (Threads.Count, StreamParts.LeastFloats);
            try
            {
                StreamParts.LeastFloats = 1;
                foreach (int count in new[] { 2, 3, 7 })
                {
                    Threads.Count = count;
                    Agreement.SameBits($"{layers[0].Title}, {count} threads", alone, Answers(model, weights));
                }
            }
            finally
            {
                (Threads.Count, StreamParts.LeastFloats) = (threads, least);
            }
        }
    }

    [Theory]
    [InlineData(StreamWeights.BFloat16)]
    [InlineData(StreamWeights.Int8)]
    public void Weights_in_fewer_bits_give_the_same_bits_at_every_width(StreamWeights weights)
    {
        foreach (RecurrentCell cell in Enum.GetValues<RecurrentCell>())
        {
            Sequential model = Model(7, new RecurrentVariant(cell, true, true, false, null).Make(83, true), new Dense(19));
            float[]? expected = null;
            VectorWidthCollection.AtEach(width => Agreement.SameBits($"{cell}, {width} bits", expected ??= Answers(model, weights), Answers(model, weights)));
        }
    }

    internal static Sequential Model(int inputs, params Layer[] layers)
    {
        var model = new Sequential(new Shape(Shape.Unknown, Shape.Unknown, inputs));
        foreach (Layer layer in layers) model.Add(layer);
        foreach (Layer layer in layers) RecurrentVariant.Fill(layer);
        return model;
    }

    internal static float[] Answers(Sequential model, StreamWeights weights)
    {
        using ModelStream stream = model.OpenStream(new StreamOptions { Weights = weights });
        float[] x = RecurrentData.Numbers(Steps * stream.InputWidth, 3, 1.0);
        var answers = new List<float>();
        for (int t = 0; t < Steps; t++) answers.AddRange(stream.Step(x.AsSpan(t * stream.InputWidth, stream.InputWidth)));
        return [.. answers];
    }

    private static void SameBits(string what, Sequential model, int inputs, bool sequences)
    {
        float[] x = RecurrentData.Numbers(Steps * inputs, 1, 1.0);
        float[] whole = model.Predict(Tensor.FromArray(x, 1, Steps, inputs)).ToArray();
        using ModelStream stream = model.OpenStream();
        for (int round = 0; round < 2; round++, stream.Reset())
            for (int t = 0; t < Steps; t++)
            {
                float[] found = stream.Step(x.AsSpan(t * inputs, inputs)).ToArray();
                float[] expected = sequences
                    ? whole[(t * found.Length)..((t + 1) * found.Length)]
                    : model.Predict(Tensor.FromArray(x.AsSpan(0, (t + 1) * inputs), 1, t + 1, inputs)).ToArray();
                Agreement.SameBits($"{what}, round {round}, step {t}", expected, found);
            }
    }
}

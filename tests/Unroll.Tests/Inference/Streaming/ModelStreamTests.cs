using System.Collections.Concurrent;
using Unroll.Basics;
using Unroll.Files;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Support;

namespace Unroll.Tests.Inference.Streaming;

public class ModelStreamTests
{
    [Theory]
    [InlineData(StreamWeights.Float32)]
    [InlineData(StreamWeights.BFloat16)]
    [InlineData(StreamWeights.Int8)]
    public void A_step_allocates_nothing(StreamWeights weights)
    {
        using ModelStream stream = Model().OpenStream(new StreamOptions { Weights = weights });
        float[] x = RecurrentData.Numbers(4, 1, 1);
        for (int i = 0; i < 100; i++) stream.Step(x);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) stream.Step(x);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Eight_threads_with_streams_of_one_model_get_the_bits_of_one()
    {
        Sequential model = Model();
        float[][] inputs = [.. Enumerable.Range(0, 8).Select(i => RecurrentData.Numbers(4 * 200, i, 1))];
        float[][] expected = [.. inputs.Select(x => Run(model, x))];
        var failures = new ConcurrentBag<int>();
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(i => new Thread(() =>
        {
            for (int round = 0; round < 5; round++)
                if (!Run(model, inputs[i]).AsSpan().SequenceEqual(expected[i])) failures.Add(i);
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Empty(failures);
        Assert.NotEqual(expected[0], expected[1]);
    }

    [Fact]
    public void A_saved_state_goes_on_to_the_same_bits_in_another_stream()
    {
        Sequential model = Model();
        float[] x = RecurrentData.Numbers(4 * 10, 1, 1), whole = Run(model, x);
        using var file = new TemporaryFile("", ".safetensors");
        using (ModelStream first = model.OpenStream())
        {
            for (int t = 0; t < 4; t++) first.Step(x.AsSpan(4 * t, 4));
            first.SaveState(file.Path);
        }
        using ModelStream second = model.OpenStream();
        second.LoadState(file.Path);
        float[] rest = [.. Enumerable.Range(4, 6).SelectMany(t => second.Step(x.AsSpan(4 * t, 4)).ToArray())];
        Assert.Equal(whole[(4 * 3)..], rest);

        using (SafetensorsFile written = SafetensorsFile.Open(file.Path)) Assert.Equal(["gru/hidden", "lstm/cell", "lstm/hidden"], written.Names.Order(StringComparer.Ordinal));
        using ModelStream other = new Sequential(new Shape(-1, -1, 4)) { new Lstm(20, returnSequences: true), new Gru(8) }.OpenStream();
        Assert.Contains("expected the state 'gru/hidden' [8], found [7]", Assert.Throws<ModelFileException>(() => other.LoadState(file.Path)).Message, StringComparison.Ordinal);
        using ModelStream fewer = new Sequential(new Shape(-1, -1, 4)) { new Lstm(20) }.OpenStream();
        Assert.Contains("'gru/hidden' belongs to no layer", Assert.Throws<ModelFileException>(() => fewer.LoadState(file.Path)).Message, StringComparison.Ordinal);
        using ModelStream more = new Sequential(new Shape(-1, -1, 4)) { new Lstm(20, returnSequences: true), new Gru(7, returnSequences: true), new SimpleRnn(2) }.OpenStream();
        Assert.Contains("expected the state 'simple_rnn/hidden' [2]", Assert.Throws<ModelFileException>(() => more.LoadState(file.Path)).Message, StringComparison.Ordinal);
        model.Save(file.Path);
        Assert.Contains("expected the state of a stream", Assert.Throws<ModelFileException>(() => second.LoadState(file.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_set_after_opening_are_the_next_steps_in_float32_and_not_in_fewer_bits()
    {
        Sequential model = Model();
        float[] x = RecurrentData.Numbers(4 * 3, 1, 1);
        using ModelStream live = model.OpenStream(), kept = model.OpenStream(new StreamOptions { Weights = StreamWeights.BFloat16 });
        float[] first = live.Step(x.AsSpan(0, 4)).ToArray(), copied = kept.Step(x.AsSpan(0, 4)).ToArray();
        foreach (Parameter parameter in model.Parameters) parameter.Set(Array.ConvertAll(parameter.ToArray(), v => 0.5f * v + (parameter.Name.EndsWith("bias", StringComparison.Ordinal) ? 0.25f : 0)));
        live.Reset();
        float[] second = live.Step(x.AsSpan(0, 4)).ToArray();
        Assert.NotEqual(first, second);
        Assert.Equal(Run(model, x)[..3], second);

        foreach (Parameter parameter in model.Parameters.Where(p => p.Name.EndsWith("bias", StringComparison.Ordinal))) parameter.Set(Array.ConvertAll(parameter.ToArray(), v => 2 * (v - 0.25f)));
        kept.Reset();
        Agreement.Close("kept", copied, kept.Step(x.AsSpan(0, 4)).ToArray(), 1e-5);
        using ModelStream opened = model.OpenStream(new StreamOptions { Weights = StreamWeights.BFloat16 });
        float[] after = opened.Step(x.AsSpan(0, 4)).ToArray();
        Assert.True(Math.Abs(after[0] - copied[0]) > 0.01, $"{copied[0]}, {after[0]}");
    }

    [Fact]
    public void Before_the_first_step_there_is_no_answer_and_the_state_is_zero()
    {
        using ModelStream stream = Model().OpenStream();
        Assert.Equal((4, 3, 20 + 20 + 7, 0), (stream.InputWidth, stream.OutputWidth, stream.StateLength, stream.Steps));
        Assert.True(stream.Answer.IsEmpty);
        float[] state = new float[stream.StateLength];
        stream.ReadState(state);
        Assert.All(state, v => Assert.Equal(0f, v));
        float[] answer = stream.Step([1, 2, 3, 4]).ToArray();
        Assert.Equal(answer, stream.Answer.ToArray());
        Assert.Equal(1, stream.Steps);
        stream.Reset();
        Assert.True(stream.Answer.IsEmpty);
        Assert.Equal(answer, stream.Step([1, 2, 3, 4]).ToArray());
    }

    [Theory]
    [InlineData(StreamWeights.Float32)]
    [InlineData(StreamWeights.BFloat16)]
    [InlineData(StreamWeights.Int8)]
    public void NaN_passes_through_until_the_stream_is_reset(StreamWeights weights)
    {
        using ModelStream stream = Model().OpenStream(new StreamOptions { Weights = weights });
        Assert.All(stream.Step([1, float.NaN, 1, 1]).ToArray(), v => Assert.True(float.IsNaN(v)));
        Assert.All(stream.Step([1, 1, 1, 1]).ToArray(), v => Assert.True(float.IsNaN(v)));
        stream.Reset();
        Assert.All(stream.Step([1, 1, 1, 1]).ToArray(), v => Assert.False(float.IsNaN(v)));
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_what_was_expected()
    {
        using ModelStream stream = Model().OpenStream();
        Assert.Contains("takes 4 numbers a step; received 3", Assert.Throws<ArgumentException>(() => stream.Step([1, 2, 3])).Message, StringComparison.Ordinal);
        Assert.Contains("Lstm 'lstm', not with an embedding; give 4 numbers", Assert.Throws<InvalidOperationException>(() => stream.Step(1)).Message, StringComparison.Ordinal);
        Assert.Contains("47 floats (lstm 20 twice, gru 7); received 46", Assert.Throws<ArgumentException>(() => stream.WriteState(new float[46])).Message, StringComparison.Ordinal);
        Assert.Contains("received 48", Assert.Throws<ArgumentException>(() => stream.ReadState(new float[48])).Message, StringComparison.Ordinal);

        using ModelStream ids = new Sequential { new Embedding(9, 4), new Gru(5) }.OpenStream();
        Assert.Contains("from 0 to 8 (the vocabulary has 9 entries), found 9", Assert.Throws<ArgumentException>(() => ids.Step(9)).Message, StringComparison.Ordinal);
        Assert.Contains("found 1.5", Assert.Throws<ArgumentException>(() => ids.Step([1.5f])).Message, StringComparison.Ordinal);
        Assert.Contains("takes 1 numbers a step, a token id; received 2", Assert.Throws<ArgumentException>(() => ids.Step([1, 2])).Message, StringComparison.Ordinal);

        Assert.Throws<ArgumentOutOfRangeException>(() => new StreamOptions { Weights = (StreamWeights)7 });
        Assert.Contains("not built", Assert.Throws<InvalidOperationException>(() => new Sequential { new Gru(3) }.OpenStream()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_closed_stream_refuses_everything()
    {
        ModelStream stream = Model().OpenStream();
        stream.Dispose();
        stream.Dispose();
        Assert.Throws<ObjectDisposedException>(() => stream.Step([1, 2, 3, 4]));
        Assert.Throws<ObjectDisposedException>(() => stream.Step(1));
        Assert.Throws<ObjectDisposedException>(stream.Reset);
        Assert.Throws<ObjectDisposedException>(() => stream.ReadState(new float[47]));
        Assert.Throws<ObjectDisposedException>(() => stream.WriteState(new float[47]));
        Assert.Throws<ObjectDisposedException>(() => stream.SaveState("unused"));
        Assert.Throws<ObjectDisposedException>(() => stream.LoadState("unused"));
    }

    [Fact]
    public void More_inputs_than_sums_of_whole_numbers_take_are_refused()
    {
        static ModelStream Open(int inputs) => new Sequential(new Shape(-1, -1, inputs)) { new Dense(1) }.OpenStream(new StreamOptions { Weights = StreamWeights.Int8 });
        using (ModelStream most = Open(8260)) Assert.Equal(8260, most.InputWidth);
        Assert.Contains("'dense/kernel' has 8261 inputs; weights of 8 bits take at most 8260", Assert.Throws<NotSupportedException>(() => Open(8261)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_that_needs_the_whole_sequence_is_named()
    {
        static string Refused(params Layer[] layers)
        {
            var model = new Sequential(new Shape(-1, 6, 4));
            foreach (Layer layer in layers) model.Add(layer);
            return Assert.Throws<NotSupportedException>(() => model.OpenStream()).Message;
        }
        Assert.StartsWith("OpenStream: Bidirectional 'bidirectional' cannot be streamed: it reads each sequence from its last step too", Refused(new Bidirectional(new Lstm(3))), StringComparison.Ordinal);
        Assert.StartsWith("OpenStream: Gru 'gru' cannot be streamed: it reads each sequence from its last step,", Refused(new Gru(3) { GoBackwards = true }), StringComparison.Ordinal);
        Assert.StartsWith("OpenStream: Flatten 'flatten' cannot be streamed: it joins all steps", Refused(new Flatten(), new Dense(2)), StringComparison.Ordinal);
        Assert.StartsWith("OpenStream: Bidirectional 'stack/bidirectional'", Refused(new Stack(new Dense(3), new Bidirectional(new Gru(3)))), StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_that_pass_their_input_on_answer_with_a_copy_of_it()
    {
        using ModelStream stream = new Sequential(new Shape(-1, -1, 3)) { new Dropout(0.5f), new ActivationLayer("linear") }.OpenStream();
        float[] x = [1, 2, 3];
        stream.Step(x);
        x.AsSpan().Clear();
        Assert.Equal([1, 2, 3], stream.Answer.ToArray());
    }

    private static Sequential Model() => StreamBitsTests.Model(4, new Lstm(20, returnSequences: true), new Gru(7), new Dense(3));

    private static float[] Run(Sequential model, float[] x)
    {
        using ModelStream stream = model.OpenStream();
        return [.. Enumerable.Range(0, x.Length / 4).SelectMany(t => stream.Step(x.AsSpan(4 * t, 4)).ToArray())];
    }
}

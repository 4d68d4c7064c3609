using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Support;
using Unroll.Training;

namespace Unroll.Tests.Layers.Recurrent;

/// <summary>A trained state before the first step: what the same state handed in gives, summed over the sequences.</summary>
public sealed class LearnedInitialStateTests
{
    private const int Batch = 4, Steps = 6, Inputs = 3, Units = 18;

    public static TheoryData<string> Kinds => new("lstm", "gru", "simple_rnn", "both ways");

    private static Layer Made(string kind, bool learned) => kind switch
    {
        "lstm" => new Lstm(Units) { LearnedInitialState = learned },
        "gru" => new Gru(Units) { LearnedInitialState = learned, GoBackwards = true },
        "simple_rnn" => new SimpleRnn(Units) { LearnedInitialState = learned },
        _ => new Bidirectional(new Lstm(Units) { LearnedInitialState = learned }),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_gives_what_the_state_handed_in_gives(string kind)
    {
        Layer learned = Made(kind, true), plain = Made(kind, false);
        foreach (Layer layer in new[] { learned, plain }) layer.Build(new Shape(-1, -1, Inputs));
        RecurrentVariant.Fill(learned);
        Parameter[] states = [.. learned.Parameters.Where(p => p.Name.Contains("initial_", StringComparison.Ordinal))], weights = [.. learned.Parameters.Except(states)];
        Assert.All(Enumerable.Range(0, weights.Length), i => Assert.Equal(weights[i].Shape, plain.Parameters[i].Shape));
        for (int i = 0; i < weights.Length; i++) plain.Parameters[i].Set(weights[i].ToArray());

        Tensor x = Tensor.FromArray(RecurrentData.Numbers(Batch * Steps * Inputs, 1, 1.0), Batch, Steps, Inputs).WithLengths([6, 2, 0, 4]);
        var tape = new Tape();
        Tensor y = learned.Forward(x, new Pass(tape));
        float[] output = y.ToArray(), weighting = RecurrentData.Numbers(y.Shape.Length, 5, 1.0);
        tape.Backward(y, weighting);

        var other = new Tape();
        Tensor[] rows = [.. states.Select(state => Tensor.FromArray([.. Enumerable.Repeat(state.ToArray(), Batch).SelectMany(row => row)], Batch, Units))];
        foreach (Tensor row in rows) other.Watch(row);
        (Tensor expected, _) = RecurrentRun.Forward(plain, x, rows, other);
        Agreement.SameBits("output", expected.ToArray(), output);
        other.Backward(expected, weighting);
        for (int s = 0; s < states.Length; s++)
        {
            float[] gradient = other.GradientOf(rows[s]);
            Agreement.Close($"gradient of {states[s].Name}", [.. Enumerable.Range(0, Units).Select(u => Enumerable.Range(0, Batch).Sum(b => (double)gradient[b * Units + u]))], states[s].GradientToArray(), 1e-6);
        }
        for (int i = 0; i < weights.Length; i++) Agreement.SameBits(weights[i].Name, plain.Parameters[i].GradientToArray(), weights[i].GradientToArray());
    }

    [Fact]
    public void A_stream_begins_with_it_and_a_file_keeps_it()
    {
        var model = new Sequential(new Shape(-1, -1, Inputs), seed: 4) { new Lstm(Units, returnSequences: true) { LearnedInitialState = true }, new Gru(7, returnSequences: true) { LearnedInitialState = true }, new Dense(2) };
        foreach (Parameter state in model.Parameters.Where(p => p.Name.Contains("initial_", StringComparison.Ordinal))) state.Set(RecurrentData.Numbers(state.Count, 3, 0.7));
        Tensor x = Tensor.FromArray(RecurrentData.Numbers(Steps * Inputs, 1, 1.0), 1, Steps, Inputs);
        float[] expected = model.Predict(x).ToArray(), input = x.ToArray();
        using var file = new TemporaryFile("", ".safetensors");
        model.Save(file.Path);
        Agreement.SameBits("after loading", expected, Sequential.Load(file.Path).Predict(x).ToArray());
        using ModelStream stream = model.OpenStream();
        for (int again = 0; again < 2; again++)
        {
            float[] streamed = [.. Enumerable.Range(0, Steps).SelectMany(t => stream.Step(input.AsSpan(t * Inputs, Inputs)).ToArray())];
            Agreement.SameBits($"stream {again}", expected, streamed);
            stream.Reset();
        }
    }

    [Fact]
    public void It_is_learnt()
    {
        // Nothing comes in, and the answer is one half: only the state before the first step can give it.
        var model = new Sequential(new Shape(-1, -1, 1)) { new SimpleRnn(1, "linear") { LearnedInitialState = true, UseBias = false, RecurrentInitializer = "ones" } };
        model.Compile(new Sgd(0.3f), Loss.MeanSquaredError());
        model.Parameters[1].Trainable = false;
        model.Fit(Tensor.Zeros(4, 3, 1), Tensor.FromArray([0.5f, 0.5f, 0.5f, 0.5f], 4, 1), epochs: 30, batchSize: 4);
        Assert.Equal(0.5, model.Parameters.Single(p => p.Name.EndsWith("initial_hidden", StringComparison.Ordinal)).ToArray()[0], 1e-4);
    }
}

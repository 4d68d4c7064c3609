using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Cli.Bench;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Layers.Recurrent;
using Unroll.Tests.Support;

namespace Unroll.Tests.Models;

/// <summary>States handed from layer to layer in functional models, against the layers run by hand.</summary>
public sealed class ModelStateTests
{
    private const int Batch = 4, Steps = 6, Said = 3, Inputs = 3, Units = 10;

    private static readonly Tensor s_heard = Tensor.FromArray(RecurrentData.Numbers(Batch * Steps * Inputs, 1, 1.0), Batch, Steps, Inputs).WithLengths([6, 2, 0, 4]);
    private static readonly Tensor s_said = Tensor.FromArray(RecurrentData.Numbers(Batch * Said * 2, 2, 1.0), Batch, Said, 2);

    public static TheoryData<string> Kinds => new("lstm", "gru", "min_gru", "own", "both ways");

    private static Layer Made(string kind, bool every) => kind switch
    {
        "lstm" => new Lstm(Units, every),
        "gru" => new Gru(Units, every),
        "min_gru" => new MinGru(Units, every),
        "own" => new Rnn(new OwnLstmCell(Units), every),
        _ => new Bidirectional(new Lstm(Units, every)),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_decoder_begins_with_its_encoders_state(string kind)
    {
        LayerOutput heard = Input.Of(new Shape(-1, -1, Inputs)), said = Input.Of(new Shape(-1, -1, 2));
        Layer encoder = Made(kind, false), decoder = Made(kind, true);
        (LayerOutput summary, IReadOnlyList<LayerOutput> state) = encoder.WithState(heard);
        var model = new Model([heard, said], [decoder.Of(said, state), summary, state[^1]], seed: 5);

        var tape = new Tape();
        var outputs = new Tensor[3];
        model.Run([s_heard, s_said], outputs, [false, false, false], new Pass(tape));
        float[] weighting = RecurrentData.Numbers(outputs[0].Shape.Length, 5, 1.0);
        float[][] results = [.. outputs.Select(output => output.ToArray())];
        tape.Backward(outputs[0], weighting);
        float[][] gradients = [.. model.Parameters.Select(parameter => parameter.GradientToArray())];
        foreach (Parameter parameter in model.Parameters) parameter.ClearGradient();

        var hand = new Tape();
        (Tensor last, Tensor[] ends) = ByHand(encoder, s_heard, [], new Pass(hand));
        (Tensor output, _) = ByHand(decoder, s_said, ends, new Pass(hand));
        Agreement.SameBits("output", output.ToArray(), results[0]);
        Agreement.SameBits("summary", last.ToArray(), results[1]);
        Agreement.SameBits("last tensor of the state", ends[^1].ToArray(), results[2]);
        hand.Backward(output, weighting);
        for (int p = 0; p < gradients.Length; p++) Agreement.SameBits(model.Parameters[p].Name, model.Parameters[p].GradientToArray(), gradients[p]);
        Assert.Contains(gradients.Take(encoder.Parameters.Count), gradient => gradient.Any(g => g != 0)); // it reaches the encoder
    }

    [Fact]
    public void A_state_may_pass_through_other_layers_and_through_a_file()
    {
        LayerOutput heard = Input.Of(new Shape(-1, -1, Inputs)), said = Input.Of(new Shape(-1, -1, 2));
        (_, IReadOnlyList<LayerOutput> state) = new Bidirectional(new Gru(4)).WithState(heard);
        LayerOutput bridge = new Dense(Units, "tanh").Of(new Concatenate().Of(state[0], state[1]));
        var model = new Model([heard, said], [new Dense(2).Of(new Gru(Units, returnSequences: true).Of(said, [bridge]))], seed: 6);
        using var file = new TemporaryFile("", ".safetensors");
        model.Save(file.Path);
        Model loaded = Model.Load(file.Path);
        Tensor[] data = [s_heard, s_said];
        Agreement.SameBits("after loading", model.Predict(data)[0].ToArray(), loaded.Predict(data)[0].ToArray());
        Assert.Equal(model.Summary(), loaded.Summary());
        Assert.Contains("bidirectional (Bidirectional)", model.Summary(), StringComparison.Ordinal);

        // Another sentence heard, another thing said: the state is what links them.
        Tensor[] other = [Tensor.FromArray(RecurrentData.Numbers(Batch * Steps * Inputs, 9, 1.0), Batch, Steps, Inputs), s_said];
        Assert.NotEqual(model.Predict(data)[0].ToArray(), model.Predict(other)[0].ToArray());
    }

    [Fact]
    public void A_shared_decoder_may_begin_with_several_states()
    {
        LayerOutput heard = Input.Of(new Shape(-1, -1, Inputs)), said = Input.Of(new Shape(-1, -1, 2));
        var decoder = new Lstm(Units, returnSequences: true);
        (LayerOutput first, IReadOnlyList<LayerOutput> state) = decoder.WithState(said, new Lstm(Units).WithState(heard).State);
        var model = new Model([heard, said], [new Add().Of(first, decoder.Of(said, state))]);
        Assert.Equal(new Shape(Batch, Said, Units), model.Predict([s_heard, s_said])[0].Shape);
        Assert.Equal(6, model.Parameters.Count); // two layers, three arrays each
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_name()
    {
        LayerOutput x = Input.Of(new Shape(-1, -1, Inputs)), narrow = Input.Of(new Shape(-1, 7)), wide = Input.Of(new Shape(-1, Units));
        Message("Dense 'd': expected a recurrent layer, which has a state.", () => new Dense(2, name: "d").WithState(x));
        Message("Lstm 'l': expected one input, or one and a state of 2 ([?, 10], [?, 10]), received 2. Merge them first", () => new Lstm(Units, name: "l").Of(x, [wide]));
        Message("Gru 'g': expected [?, 10] as tensor 0 of the initial state, received [?, 7].", () => new Gru(Units, name: "g").Of(x, [narrow]));
        Message("Dense 'd': expected one input, received 2.", () => new Dense(2, name: "d").Of(wide, narrow));

        static void Message(string start, Action make) => Assert.StartsWith(start, Assert.ThrowsAny<ArgumentException>(make).Message, StringComparison.Ordinal);
    }

    private static (Tensor Output, Tensor[] State) ByHand(Layer layer, Tensor x, Tensor[] initial, Pass pass)
    {
        RecurrentState? given = initial.Length == 0 ? null : new RecurrentState(initial[0], initial.Length > 1 ? initial[1] : null);
        switch (layer)
        {
            case RecurrentLayer fused:
                return Parts(fused.ForwardWithState(x, given, pass));
            case MinimalRecurrentLayer minimal:
                return Parts(minimal.ForwardWithState(x, given, pass));
            case Rnn rnn:
                return Parts(rnn.ForwardWithState(x, given, pass));
            default:
                RecurrentState? back = initial.Length == 0 ? null : new RecurrentState(initial[2], initial[3]);
                (Tensor output, RecurrentState ahead, RecurrentState behind) = ((Bidirectional)layer).ForwardWithState(x, given, back, pass);
                return (output, [ahead.Hidden, ahead.Carry!.Value, behind.Hidden, behind.Carry!.Value]);
        }

        static (Tensor, Tensor[]) Parts((Tensor Output, RecurrentState Final) result) =>
            (result.Output, result.Final.Carry is { } carry ? [result.Final.Hidden, carry] : [result.Final.Hidden]);
    }
}

using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Cli.Bench;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Support;
using Unroll.Training;

namespace Unroll.Tests.Layers.Recurrent;

/// <summary>A pass that carries states: every layer that has one goes on where the piece before ended.</summary>
public sealed class CarriedStateTests
{
    private const int Batch = 3, Steps = 9, Cut = 4, Inputs = 3, Units = 7;

    public static TheoryData<string> Kinds => new("lstm", "gru", "min_gru", "min_lstm", "own", "jordan");

    private static SequenceLayer Made(string kind) => kind switch
    {
        "lstm" => new Lstm(Units, returnSequences: true),
        "gru" => new Gru(Units, returnSequences: true),
        "min_gru" => new MinGru(Units, returnSequences: true),
        "min_lstm" => new MinLstm(Units, returnSequences: true),
        "own" => new Rnn(new OwnLstmCell(Units), returnSequences: true),
        _ => new Rnn(new JordanCell(Units, 2) { FeedsHidden = true }, returnSequences: true),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Two_pieces_give_the_bits_of_the_whole(string kind)
    {
        SequenceLayer layer = Made(kind);
        layer.Build(new Shape(-1, -1, Inputs), seed: 8);
        float[] x = RecurrentData.Numbers(Batch * Steps * Inputs, 1, 1.0);
        var tape = new Tape(recording: false);
        float[] whole = layer.Forward(Tensor.FromArray(x, Batch, Steps, Inputs), new Pass(tape)).ToArray();
        var states = new CarriedStates();
        var pieces = new List<(float[], int)>();
        foreach ((int start, int count) in new[] { (0, Cut), (Cut, Steps - Cut) })
        {
            tape.Reset();
            Tensor piece = Tensor.FromArray(RecurrentData.SliceTime(x, Batch, Steps, start, count), Batch, count, Inputs);
            pieces.Add((layer.Forward(piece, new Pass(tape, States: states)).ToArray(), count));
        }
        Agreement.SameBits(kind, whole, RecurrentData.JoinTime(Batch, [.. pieces]));
        states.Clear();
        tape.Reset();
        Tensor again = Tensor.FromArray(RecurrentData.SliceTime(x, Batch, Steps, 0, Cut), Batch, Cut, Inputs);
        Agreement.SameBits("begun anew", pieces[0].Item1, layer.Forward(again, new Pass(tape, States: states)).ToArray());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_layer_read_backward_has_none_to_carry(string kind)
    {
        SequenceLayer layer = Made(kind).Reversed();
        layer.Name = "back";
        Tensor x = Tensor.Zeros(1, 2, Inputs);
        Assert.Contains("'back' reads from the last step, so no state can be carried", Assert.Throws<InvalidOperationException>(
            () => layer.Forward(x, new Pass(new Tape(), States: new CarriedStates()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_keeps_the_states_of_all_kinds_and_of_nested_models()
    {
        using var file = new TemporaryFile("", ".safetensors");
        Tensor x = Tensor.FromArray(RecurrentData.Numbers(Batch * Steps * Inputs, 1, 1.0), Batch, Steps, Inputs), y = Tensor.FromArray(RecurrentData.Numbers(Batch * Steps, 2, 1.0), Batch, Steps, 1);
        TruncatedBackpropagation left = Trainer(out _), stopped = Trainer(out _), resumed = Trainer(out Sequential model);
        left.Train(x, y);
        stopped.Train(x, y);
        stopped.Save(file.Path);
        resumed.Load(file.Path);
        double goesOn = left.Train(x, y);
        Assert.Equal(goesOn, resumed.Train(x, y));
        resumed.Load(file.Path);
        resumed.Reset();
        Assert.NotEqual(goesOn, resumed.Train(x, y)); // the states mattered

        static TruncatedBackpropagation Trainer(out Sequential model)
        {
            var inner = new Sequential(new Shape(-1, -1, Units), seed: 4, name: "inner") { new Lstm(5, returnSequences: true, name: "same") };
            model = new Sequential(new Shape(-1, -1, Inputs), seed: 3) { new MinGru(Units, returnSequences: true, name: "same"), inner, new Rnn(new JordanCell(4, 2), returnSequences: true), new Dense(1) };
            model.Compile(new Adam(0.01f), Loss.MeanSquaredError());
            return new TruncatedBackpropagation(model, Cut);
        }
    }
}

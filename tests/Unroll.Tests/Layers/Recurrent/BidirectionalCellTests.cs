using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Layers.Recurrent;

/// <summary>Layers other than the fused ones read both ways: what the two layers give alone, joined.</summary>
public sealed class BidirectionalCellTests
{
    private const int Batch = 4, Steps = 6, Inputs = 3, Units = 5;

    public static TheoryData<string, bool> Kinds => new() { { "min_gru", true }, { "min_lstm", false }, { "jordan", true }, { "jordan", false }, { "lstm and min_gru", true } };

    private static SequenceLayer Made(string kind, bool every, bool back) => kind switch
    {
        "min_gru" => new MinGru(Units, every) { GoBackwards = back },
        "min_lstm" => new MinLstm(Units, every) { GoBackwards = back },
        "jordan" => new Rnn(new JordanCell(4, Units), every) { GoBackwards = back },
        _ => back ? new MinGru(Units, every) { GoBackwards = true } : new Lstm(Units, every),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Outputs_states_and_gradients_are_those_of_the_two_layers_alone(string kind, bool every)
    {
        SequenceLayer ahead = Made(kind, every, false), back = Made(kind, every, true);
        Bidirectional both = kind.Contains("and", StringComparison.Ordinal)
            ? new Bidirectional(Made(kind, every, false), Made(kind, every, true))
            : new Bidirectional(Made(kind, every, false));
        foreach (Layer layer in new Layer[] { ahead, back, both }) layer.Build(new Shape(-1, -1, Inputs));
        RecurrentVariant.Fill(both);
        Parameter[] alone = [.. ahead.Parameters, .. back.Parameters];
        for (int p = 0; p < alone.Length; p++) alone[p].Set(both.Parameters[p].ToArray());

        Tensor x = Tensor.FromArray(RecurrentData.Numbers(Batch * Steps * Inputs, 1, 1.0), Batch, Steps, Inputs).WithLengths([6, 2, 0, 4]);
        Tape tape = new(), hand = new();
        Tensor y = both.Forward(x, new Pass(tape)), one = ahead.Forward(x, new Pass(hand)), other = back.Forward(x, new Pass(hand));
        float[] output = y.ToArray(), expected = Joined(one.ToArray(), other.ToArray());
        Agreement.SameBits("output", expected, output);

        float[] weighting = RecurrentData.Numbers(output.Length, 5, 1.0);
        tape.Backward(y, weighting);
        hand.Backward(one, Half(weighting, 0));
        float[][] first = [.. ahead.Parameters.Select(p => p.GradientToArray())];
        hand.Reset();
        other = back.Forward(x, new Pass(hand));
        hand.Backward(other, Half(weighting, 1));
        float[][] gradients = [.. first, .. back.Parameters.Select(p => p.GradientToArray())];
        for (int p = 0; p < gradients.Length; p++) Agreement.SameBits(both.Parameters[p].Name, gradients[p], both.Parameters[p].GradientToArray());
    }

    [Fact]
    public void It_is_made_again_from_its_settings()
    {
        var configuration = new System.Text.Json.Nodes.JsonObject();
        new Bidirectional(new Rnn(new JordanCell(4, Units), true), MergeMode.Sum).WriteConfiguration(configuration);
        var made = (Bidirectional)LayerCatalogue.Make("bidirectional", configuration);
        Assert.IsType<JordanCell>(Assert.IsType<Rnn>(made.BackwardLayer).Cell);
        Assert.True(made.BackwardLayer.GoBackwards && made.BackwardLayer.ReturnSequences && made.Merge == MergeMode.Sum);
    }

    private static float[] Joined(float[] one, float[] other) =>
        [.. Enumerable.Range(0, one.Length / Units).SelectMany(row => one[(row * Units)..((row + 1) * Units)].Concat(other[(row * Units)..((row + 1) * Units)]))];

    private static float[] Half(float[] joined, int half) => [.. joined.Where((_, i) => i / Units % 2 == half)];
}

using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Layers.Wrappers;

/// <summary>What each wrapper computes, held against its parts run by themselves, and what it refuses.</summary>
public sealed class WrapperValueTests
{
    private static Pass Inference => new(new Tape(recording: false));

    [Fact]
    public void A_recurrent_layer_at_every_step_reads_that_steps_own_sequence()
    {
        // Two documents of three sentences of four words of two numbers.
        var layer = Built(new TimeDistributed(new Gru(3)), -1, -1, 4, 2);
        float[] x = RecurrentData.Numbers(2 * 3 * 4 * 2, 1, 1);
        Tensor y = layer.Forward(Tensor.FromArray(x, 2, 3, 4, 2).WithLengths([3, 1]), Inference);
        Assert.Equal(new Shape(2, 3, 3), y.Shape);
        Assert.Equal([3, 1], y.Lengths.ToArray());
        Assert.Equal(new Shape(-1, -1, 3), layer.OutputShape);
        Layer gru = ((TimeDistributed)layer).Layers[0];
        for (int sentence = 0; sentence < 6; sentence++)
        {
            float[] expected = sentence > 3 ? new float[3] : gru.Forward(Tensor.FromArray(x.AsSpan(sentence * 8, 8), 1, 4, 2), Inference).ToArray();
            Assert.Equal(expected, y.ToArray()[(sentence * 3)..(sentence * 3 + 3)]);
        }
    }

    [Fact]
    public void TimeDistributed_hands_its_layers_activation_to_the_loss()
    {
        var layer = Built(new TimeDistributed(new Dense(2, "softmax")), -1, -1, 3);
        Assert.Same(Activation.Softmax, layer.FinalActivation);
        Tensor x = Tensor.FromArray(RecurrentData.Numbers(12, 1, 1), 2, 2, 3);
        float[] logits = layer.ForwardBeforeActivation(x, Inference).ToArray(), shares = layer.Forward(x, Inference).ToArray();
        for (int i = 0; i < 8; i += 2) Assert.Equal(1 / (1 + Math.Exp(logits[i + 1] - logits[i])), shares[i], 1e-6);
        Assert.Null(new TimeDistributed(new SampledSoftmax(5, 2)).FinalActivation);
    }

    [Theory]
    [InlineData(new[] { true, false, true, true, false })]
    [InlineData(new[] { false, false, true, false, true })]
    [InlineData(new[] { true, true, true, false, false })]
    [InlineData(new[] { false, false, false, false, false })]
    public void Masked_steps_leave_the_state_alone_and_repeat_the_output_before_them(bool[] isReal)
    {
        float[] x = RecurrentData.Numbers(10, 1, 1);
        for (int t = 0; t < 5; t++) if (!isReal[t]) x.AsSpan(2 * t, 2).Fill(-1f);
        float[] kept = [.. x.Where((_, i) => isReal[i / 2])];
        var lstm = new Lstm(3, returnSequences: true);
        Layer masked = Built(new Stack(new Masking(-1f), lstm, new Unmasking()), -1, -1, 2);
        float[] found = masked.Forward(Tensor.FromArray(x, 1, 5, 2), Inference).ToArray();
        float[] alone = lstm.Forward(Tensor.FromArray(kept, 1, kept.Length / 2, 2), Inference).ToArray();
        int step = -1;
        for (int t = 0; t < 5; t++)
        {
            if (isReal[t]) step++;
            Assert.Equal(step < 0 ? new float[3] : alone[(3 * step)..(3 * step + 3)], found[(3 * t)..(3 * t + 3)]);
        }
        // Without Unmasking the answers at masked steps are zeros, at the others the same.
        Layer zeros = new Stack(new Masking(-1f), new Lstm(3, returnSequences: true));
        zeros = Built(zeros, -1, -1, 2);
        for (int i = 0; i < 3; i++) zeros.Parameters[i].Set(masked.Parameters[i].ToArray());
        float[] gaps = zeros.Forward(Tensor.FromArray(x, 1, 5, 2), Inference).ToArray();
        for (int i = 0; i < 15; i++) Assert.Equal(isReal[i / 3] ? found[i] : 0, gaps[i]);
    }

    [Fact]
    public void Only_a_step_whose_every_feature_is_the_masks_is_skipped()
    {
        var layer = Built(new Masking(), -1, -1, 2);
        Tensor y = layer.Forward(Tensor.FromArray([0, 1, 0, 0, 2, 0, -0f, 0], 1, 4, 2), Inference);
        Assert.Equal([2], y.Lengths.ToArray());
        Assert.Equal([0, 1, 0, 0, 2, 0, 0, 0], y.ToArray());
    }

    [Fact]
    public void A_residual_adds_the_input_or_its_projection()
    {
        Tensor x = Tensor.FromArray(RecurrentData.Numbers(8, 1, 1), 2, 4);
        var plain = (Residual)Built(new Residual(new Dense(4, "tanh")), -1, 4);
        var projected = (Residual)Built(new Residual(new Dense(3), new Dense(3, useBias: false)), -1, 4);
        float[] inside = plain.Layers[0].Forward(x, Inference).ToArray();
        Assert.Equal(inside.Zip(x.ToArray(), (f, v) => v + f), plain.Forward(x, Inference).ToArray());
        float[] around = projected.Layers[1].Forward(x, Inference).ToArray();
        Assert.Equal(projected.Layers[0].Forward(x, Inference).ToArray().Zip(around, (f, p) => p + f), projected.Forward(x, Inference).ToArray());
        Assert.Equal(["dense/kernel", "dense/bias", "dense_1/kernel"], projected.Parameters.Select(p => p.Name));
    }

    [Fact]
    public void A_highway_weighs_its_layer_against_the_input_by_a_gate()
    {
        var layer = (Highway)Built(new Highway(new Dense(3, "tanh")), -1, 3);
        Assert.Equal([-2f, -2f, -2f], layer.Parameters.Single(p => p.Name == "gate_bias").ToArray());
        float[] bias = [0.3f, -0.2f, 0.9f], x = RecurrentData.Numbers(6, 1, 1), kernel = layer.Parameters.Single(p => p.Name == "gate_kernel").ToArray();
        layer.Parameters.Single(p => p.Name == "gate_bias").Set(bias);
        float[] inside = layer.Layers[0].Forward(Tensor.FromArray(x, 2, 3), Inference).ToArray(), found = layer.Forward(Tensor.FromArray(x, 2, 3), Inference).ToArray();
        for (int i = 0; i < 6; i++)
        {
            double sum = bias[i % 3];
            for (int f = 0; f < 3; f++) sum += (double)x[i / 3 * 3 + f] * kernel[f * 3 + i % 3];
            double t = 1 / (1 + Math.Exp(-sum));
            Assert.Equal(t * inside[i] + (1 - t) * x[i], found[i], 1e-6);
        }
    }

    [Fact]
    public void Different_directions_are_the_two_layers_side_by_side()
    {
        var layer = (Bidirectional)Built(new Bidirectional(new Lstm(3, returnSequences: true), new Gru(2, returnSequences: true) { GoBackwards = true }), -1, -1, 2);
        Tensor x = Tensor.FromArray(RecurrentData.Numbers(24, 1, 1), 3, 4, 2).WithLengths([4, 2, 0]);
        float[] forward = layer.ForwardLayer.Forward(x, Inference).ToArray(), backward = layer.BackwardLayer.Forward(x, Inference).ToArray();
        float[] found = layer.Forward(x, Inference).ToArray();
        for (int row = 0; row < 12; row++)
            Assert.Equal([.. forward[(3 * row)..(3 * row + 3)], .. backward[(2 * row)..(2 * row + 2)]], found[(5 * row)..(5 * row + 5)]);
        // Each direction begins with its own state and gives its own back.
        RecurrentState first = new(Tensor.FromArray(RecurrentData.Numbers(9, 2, 1), 3, 3), Tensor.FromArray(RecurrentData.Numbers(9, 3, 1), 3, 3)), second = new(Tensor.FromArray(RecurrentData.Numbers(6, 4, 1), 3, 2));
        (Tensor joined, RecurrentState last, RecurrentState begin) = layer.ForwardWithState(x, first, second, Inference);
        (Tensor one, RecurrentState expectedLast) = ((RecurrentLayer)layer.ForwardLayer).ForwardWithState(x, first, Inference);
        (Tensor other, RecurrentState expectedBegin) = ((RecurrentLayer)layer.BackwardLayer).ForwardWithState(x, second, Inference);
        Assert.Equal([.. one.ToArray()[..3], .. other.ToArray()[..2]], joined.ToArray()[..5]);
        Assert.Equal(expectedLast.Carry!.Value.ToArray(), last.Carry!.Value.ToArray());
        Assert.Equal(expectedBegin.Hidden.ToArray(), begin.Hidden.ToArray());
        Assert.Equal(new Shape(-1, -1, 5), layer.OutputShape);
        Assert.Equal(["forward/kernel", "forward/recurrent_kernel", "forward/bias"], layer.Parameters.Take(3).Select(p => p.Name));
    }

    [Fact]
    public void Two_layers_alike_are_the_one_layer_and_its_copy()
    {
        Layer pair = Built(new Bidirectional(new Gru(3), new Gru(3) { GoBackwards = true }, MergeMode.Average), -1, -1, 2), one = Built(new Bidirectional(new Gru(3), MergeMode.Average), -1, -1, 2);
        var configurations = new System.Text.Json.Nodes.JsonObject[] { [], [] };
        pair.WriteConfiguration(configurations[0]);
        one.WriteConfiguration(configurations[1]);
        Assert.Equal(configurations[1].ToJsonString(), configurations[0].ToJsonString());
        Tensor x = Tensor.FromArray(RecurrentData.Numbers(24, 1, 1), 3, 4, 2);
        Assert.Equal(one.Forward(x, Inference).ToArray(), pair.Forward(x, Inference).ToArray());
    }

    [Fact]
    public void Stacks_have_dropout_between_their_layers_alone() =>
        Assert.Equal(["lstm", "dropout", "lstm", "dropout", "gru"],
            Stack.WithDropout(0.2f, new Lstm(3, returnSequences: true), new Lstm(3, returnSequences: true), new Gru(3)).Layers.Select(layer => layer.Kind));

    [Fact]
    public void A_wrapper_around_rows_without_time_names_layer_axis_expected_and_found()
    {
        foreach (Layer layer in (Layer[])[new TimeDistributed(new Dense(2), "w"), new Masking(name: "w"), new Unmasking("w"), new Bidirectional(new Gru(2), name: "w")])
            Refused(() => layer.Build(new Shape(-1, 5)), $"{layer.GetType().Name} 'w': expected input [batch, time, features] with time as axis 1, found [?, 5] with 2 axes and no time.");
        Refused(() => new RepeatVector(3, "w").Build(new Shape(-1, 4, 5)), "RepeatVector 'w': expected input [batch, features], received [?, 4, 5].");
    }

    [Fact]
    public void Connections_of_other_shapes_are_refused_with_the_axis()
    {
        Refused(() => new Residual(new Lstm(3, returnSequences: true), name: "r").Build(new Shape(-1, -1, 4)), "Residual 'r': expected Lstm to give 4 in axis 2, as in [?, ?, 4], found [?, ?, 3]. Give a projection");
        Refused(() => new Residual(new Dense(3), new Dense(2), "r").Build(new Shape(-1, 4)), "Residual 'r': expected Dense to give 2 in axis 1, as in [?, 2], found [?, 3]. Give the projection as many units");
        Refused(() => new Highway(new Lstm(4), name: "h").Build(new Shape(-1, -1, 4)), "Highway 'h': expected Lstm to give the 3 axes of [?, ?, 4], found [?, 4].");
    }

    [Fact]
    public void Directions_that_cannot_be_joined_are_refused()
    {
        Refused(() => new Bidirectional(new Gru(2), new Gru(2)), "reads forward; give the backward layer GoBackwards");
        Refused(() => new Bidirectional(new Gru(2) { GoBackwards = true }, new Gru(2) { GoBackwards = true }), "goes backwards already");
        Refused(() => new Bidirectional(new Gru(2), new Gru(2, returnSequences: true) { GoBackwards = true }), "found False forward and True backward");
        Refused(() => new Bidirectional(new Gru(2), new Gru(3) { GoBackwards = true }, MergeMode.Sum), "expected a backward layer of 2 units, like the forward one, to merge by Sum; found 3");
        Assert.Throws<ArgumentOutOfRangeException>(() => new RepeatVector(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Masking(float.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Highway(new Dense(2), float.PositiveInfinity));
    }

    private static Layer Built(Layer layer, params int[] input)
    {
        layer.Name = "w";
        layer.Build(new Shape(input), 3);
        return layer;
    }

    private static void Refused(Action action, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(action).Message, StringComparison.Ordinal);

    private static void Refused(Func<object> make, string message) => Refused(() => { make(); }, message);
}

using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Reference;
using Unroll.Tests.Support;

namespace Unroll.Tests.Layers.Recurrent;

/// <summary>Sequences with resets beside the layer's recurrence in double precision, which sets its state to zeros at each.</summary>
public sealed class EpisodeResetTests
{
    private const int Batch = 5, Steps = 6, Inputs = 3, Units = 7;

    private static readonly int[] s_lengths = [4, 6, 0, 1, 6];

    // Also in the padding, at step 0, and twice in a row.
    private static readonly float[] s_flags =
    [
        0, 0, 1, 0, 1, 0,
        1, 0, 0, 1, 1, 0,
        1, 0, 0, 0, 0, 0,
        0, 1, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 2,
    ];

    private static readonly float[] s_input = RecurrentData.Numbers(Batch * Steps * Inputs, 1, 1);

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    [InlineData(true, true, true)]
    public void Outputs_final_states_and_gradients_are_those_of_a_state_set_to_zero(bool sequences, bool ragged, bool backwards)
    {
        Lstm layer = Layer(sequences, backwards);
        float[][] states = [RecurrentData.Numbers(Batch * Units, 5, 0.8), RecurrentData.Numbers(Batch * Units, 6, 0.8)];
        Tensor x = Tensor.FromArray(s_input, Batch, Steps, Inputs), flags = Tensor.FromArray(s_flags, Batch, Steps);
        if (ragged) (x, flags) = (x.WithLengths(s_lengths), backwards ? flags : flags.WithLengths(s_lengths));
        var tape = new Tape();
        Tensor h = Tensor.FromArray(states[0], Batch, Units), c = Tensor.FromArray(states[1], Batch, Units);
        foreach (Tensor tensor in new[] { x, h, c }) tape.Watch(tensor);
        (Tensor output, RecurrentState final) = layer.ForwardWithResets(x, flags, new RecurrentState(h, c), new Pass(tape));
        double[] parameterWeights = Doubles(RecurrentData.Numbers(output.Shape.Length, 8, 1));

        double[] values = Doubles(s_input), hidden = Doubles(states[0]), carry = Doubles(states[1]), kernel = Doubles(layer.Parameters[0].ToArray());
        double[][] Reference() => Run(layer, values, hidden, carry, kernel, ragged);
        double[][] expected = Reference();
        Agreement.Close("output", expected[0], output.ToArray(), 2e-6);
        Agreement.Close("hidden", expected[1], final.Hidden.ToArray(), 2e-6);
        Agreement.Close("carry", expected[2], final.Carry!.Value.ToArray(), 2e-6);

        tape.Backward(output, Array.ConvertAll(parameterWeights, v => (float)v));
        double Loss() => Reference()[0].Zip(parameterWeights, (y, w) => y * w).Sum();
        Compare("input", values, tape.GradientOf(x), Loss);
        Compare("initial hidden", hidden, tape.GradientOf(h), Loss);
        Compare("initial carry", carry, tape.GradientOf(c), Loss);
        Compare("kernel", kernel, layer.Parameters[0].GradientToArray(), Loss);
    }

    [Fact]
    public void Without_flags_it_is_the_layer_itself_and_no_state_means_zeros()
    {
        Lstm layer = Layer(sequences: true, backwards: false);
        Tensor x = Tensor.FromArray(s_input, Batch, Steps, Inputs).WithLengths(s_lengths);
        var pass = new Pass(new Tape(recording: false));
        (Tensor expected, RecurrentState final) = layer.ForwardWithState(x, null, pass);
        (Tensor found, RecurrentState foundFinal) = layer.ForwardWithResets(x, Tensor.Zeros(Batch, Steps), null, pass);
        Agreement.SameBits("output", expected.ToArray(), found.ToArray());
        Agreement.SameBits("carry", final.Carry!.Value.ToArray(), foundFinal.Carry!.Value.ToArray());
    }

    [Fact]
    public void A_step_of_training_allocates_nothing_after_the_first_ones()
    {
        Lstm layer = Layer(sequences: true, backwards: false);
        Tensor x = Tensor.FromArray(s_input, Batch, Steps, Inputs).WithLengths(s_lengths), flags = Tensor.FromArray(s_flags, Batch, Steps);
        float[] weights = new float[Batch * Steps * Units];
        var tape = new Tape();
        void FourSteps()
        {
            for (int step = 0; step < 4; step++)
            {
                tape.Backward(layer.ForwardWithResets(x, flags, null, new Pass(tape)).Output, weights);
                tape.Reset();
            }
        }
        FourSteps();
        Assert.Equal(0, ManagedAllocations.Of(FourSteps));
    }

    [Fact]
    public void Flags_and_states_of_another_shape_are_refused()
    {
        Lstm layer = Layer(sequences: true, backwards: false);
        layer.Name = "player";
        Tensor x = Tensor.FromArray(s_input, Batch, Steps, Inputs);
        var pass = new Pass(new Tape(recording: false));
        var refused = Assert.Throws<ArgumentException>(() => layer.ForwardWithResets(x, Tensor.Zeros(Batch, 5), null, pass));
        Assert.Equal("Lstm 'player': expected flags [5, 6], [batch, time], of the input's lengths, received [5, 5]. (Parameter 'resets')", refused.Message);
        refused = Assert.Throws<ArgumentException>(() => layer.ForwardWithResets(x, Tensor.Zeros(Batch, Steps).WithLengths(s_lengths), null, pass));
        Assert.Equal("Lstm 'player': expected flags [5, 6], [batch, time], of the input's lengths, received [5, 6] of other lengths. (Parameter 'resets')", refused.Message);
        refused = Assert.Throws<ArgumentException>(() => layer.ForwardWithResets(x, Tensor.Zeros(Batch, Steps), new RecurrentState(Tensor.Zeros(Batch, 8)), pass));
        Assert.Equal("Lstm 'player': expected an initial hidden state [5, 7], [batch, units], received [5, 8]. (Parameter 'given')", refused.Message);
    }

    [Fact]
    public void A_state_detached_outlives_the_reset_and_takes_the_next_batchs_numbers()
    {
        var tape = new Tape();
        var state = new RecurrentState(Tensor.FromArray([1f, 2f], 1, 2), Tensor.FromArray([3f, 4f], 1, 2));
        RecurrentState copy = state.Detached();
        Assert.Equal([1f, 2f, 3f, 4f], copy.Hidden.ToArray().Concat(copy.Carry!.Value.ToArray()));
        (_, RecurrentState final) = new Lstm(2).ForwardWithState(Tensor.Zeros(1, 3, 4), copy, new Pass(tape));
        float[] expected = final.Carry!.Value.ToArray();
        final.CopyTo(copy);
        tape.Reset();
        Assert.Equal(expected, copy.Carry!.Value.ToArray());
        var refused = Assert.Throws<ArgumentException>(() => copy.CopyTo(new RecurrentState(Tensor.Zeros(1, 2))));
        Assert.Equal("CopyTo: expected a state [1, 2] with a cell state [1, 2], received [1, 2]. (Parameter 'target')", refused.Message);
    }

    private static Lstm Layer(bool sequences, bool backwards)
    {
        var layer = new Lstm(Units, sequences) { GoBackwards = backwards };
        layer.Build(new Shape(Shape.Unknown, Shape.Unknown, Inputs));
        for (int i = 0; i < layer.Parameters.Count; i++) layer.Parameters[i].Set(RecurrentData.Numbers(layer.Parameters[i].Count, 100 + i, 0.4));
        return layer;
    }

    /// <summary>Output, hidden and cell state at the end.</summary>
    private static double[][] Run(Lstm layer, double[] x, double[] hidden, double[] carry, double[] kernel, bool ragged)
    {
        var cell = new ReferenceRecurrent(new RecurrentVariant(layer.Cell, true, false, false, null), Units, kernel, Doubles(layer.Parameters[1].ToArray()), Doubles(layer.Parameters[2].ToArray()), null, null);
        var output = new double[Batch * (layer.ReturnSequences ? Steps : 1) * Units];
        double[] h = [.. hidden], c = [.. carry];
        for (int b = 0; b < Batch; b++)
        {
            double[] ownHidden = h[(b * Units)..((b + 1) * Units)], ownCarry = c[(b * Units)..((b + 1) * Units)];
            for (int i = 0, length = ragged ? s_lengths[b] : Steps; i < length; i++)
            {
                // Going backwards an episode ends, and so a new one begins, after the step that the flag marks.
                int t = layer.GoBackwards ? length - 1 - i : i, flag = layer.GoBackwards ? t + 1 : t;
                if (flag < length && s_flags[b * Steps + flag] != 0) (ownHidden, ownCarry) = (new double[Units], new double[Units]);
                double[] y = cell.Run(x.AsSpan((b * Steps + t) * Inputs, Inputs), Inputs, 1, false, ownHidden, ownCarry, new ReferenceNoise(null, null, b, Units));
                if (layer.ReturnSequences) y.CopyTo(output, (b * Steps + t) * Units);
            }
            ownHidden.CopyTo(h, b * Units);
            ownCarry.CopyTo(c, b * Units);
            if (!layer.ReturnSequences) ownHidden.CopyTo(output, b * Units);
        }
        return [output, h, c];
    }

    private static double[] Doubles(float[] values) => Array.ConvertAll(values, v => (double)v);

    private static void Compare(string what, double[] values, float[] gradient, Func<double> loss)
    {
        const double step = 1e-5;
        double largest = Math.Max(1e-3, gradient.Max(v => Math.Abs((double)v)));
        for (int i = 0; i < values.Length; i += 2)
        {
            double value = values[i];
            values[i] = value + step;
            double above = loss();
            values[i] = value - step;
            double difference = (above - loss()) / (2 * step);
            values[i] = value;
            Assert.True(Math.Abs(difference - gradient[i]) <= 2e-5 * largest, $"{what}, number {i}: differences give {difference:R}, found {gradient[i]:R}.");
        }
    }
}

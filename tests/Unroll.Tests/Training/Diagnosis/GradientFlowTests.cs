using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Training;

namespace Unroll.Tests.Training.Diagnosis;

public sealed class GradientFlowTests
{
    /// <summary>h′ = a h + x of one unit: every gradient is a power of a.</summary>
    private static Sequential Linear(float a, bool returnSequences, bool goBackwards = false)
    {
        var model = new Sequential(new Shape(-1, -1, 1)) { new SimpleRnn(1, "linear", returnSequences) { UseBias = false, GoBackwards = goBackwards } };
        model.Parameters[0].Set([1f]);
        model.Parameters[1].Set([a]);
        model.Compile(new Sgd(0.1f), Loss.MeanSquaredError());
        return model;
    }

    [Theory]
    [InlineData(0.5f, false)]
    [InlineData(-1.5f, false)]
    [InlineData(0.5f, true)]
    public void One_answer_a_sequence_gives_powers_of_the_recurrent_weight(float a, bool goBackwards)
    {
        // Lengths 6 and 4; only the input at the far end counts: h_T = a^(T−1) x, L = ½ Σ (h_T − y)² with x = 1, y = 3.
        float[] x = new float[2 * 6];
        x[goBackwards ? 5 : 0] = x[6 + (goBackwards ? 3 : 0)] = 1;
        Tensor inputs = Tensor.FromArray(x, 2, 6, 1).WithLengths([6, 4]), targets = Tensor.FromArray([3f, 3f], 2, 1);
        LayerGradientFlow flow = Assert.Single(GradientFlow.Measure(Linear(a, false, goBackwards), inputs, targets).Layers);
        double First(int length) => Math.Pow(a, length - 1) - 3; // ∂L/∂h_T: 2 (h − y) / B
        for (int step = 0; step < 6; step++)
        {
            int lag6 = goBackwards ? step : 5 - step, lag4 = goBackwards ? step : 3 - step;
            double one = First(6) * Math.Pow(a, lag6), other = step < 4 ? First(4) * Math.Pow(a, lag4) : 0;
            Assert.Equal(Math.Sqrt(one * one + other * other), flow.HiddenByStep[step], 1e-4);
        }
        Assert.Equal(6, flow.HiddenByLag.Count);
        for (int lag = 0; lag < 6; lag++)
        {
            double[] there = [.. new[] { 6, 4 }.Where(length => lag < length).Select(length => Math.Pow(First(length) * Math.Pow(a, lag), 2))];
            Assert.Equal(Math.Sqrt(there.Average()), flow.HiddenByLag[lag], 1e-4);
        }
        Assert.Null(flow.CellByStep);
    }

    [Fact]
    public void An_answer_at_every_step_is_followed_back_from_each()
    {
        const float a = 0.5f;
        // x = 1, 0, 0, 0: h_t = a^t; y = 0, so ∂L_t/∂h_t = 2 a^t / 4.
        Tensor inputs = Tensor.FromArray([1f, 0, 0, 0], 1, 4, 1), targets = Tensor.FromArray(new float[4], 1, 4, 1);
        LayerGradientFlow flow = GradientFlow.Measure(Linear(a, true), inputs, targets).Layers[0];
        double Of(int t) => 0.5 * Math.Pow(a, t);
        for (int s = 0; s < 4; s++) Assert.Equal(Enumerable.Range(s, 4 - s).Sum(t => Of(t) * Math.Pow(a, t - s)), flow.HiddenByStep[s], 1e-6);
        for (int lag = 0; lag < 4; lag++)
        {
            double[] squares = [.. Enumerable.Range(lag, 4 - lag).Select(t => Math.Pow(Of(t) * Math.Pow(a, lag), 2))];
            Assert.Equal(Math.Sqrt(squares.Average()), flow.HiddenByLag[lag], 1e-6);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Hidden_and_cell_gradients_are_those_of_a_state_handed_in(bool bothWays)
    {
        const int batch = 3, steps = 7, cut = 4, units = 5;
        var lstm = new Lstm(units, name: bothWays ? null : "lstm");
        var model = new Sequential(new Shape(-1, -1, 2)) { bothWays ? new Bidirectional(lstm, name: "both") : lstm, new Dense(1) };
        model.Compile(new Sgd(0.1f), Loss.MeanSquaredError());
        float[] x = RecurrentData.Numbers(batch * steps * 2, 1, 1.0), y = RecurrentData.Numbers(batch, 2, 1.0);
        LayerGradientFlow flow = GradientFlow.Measure(model, Tensor.FromArray(x, batch, steps, 2), Tensor.FromArray(y, batch, 1)).Layers[0];
        Assert.Equal(bothWays ? "both/forward" : "lstm", flow.Layer);

        // The fused layer over the steps behind the cut, from the state that the steps before it end in.
        var tape = new Tape();
        var pass = new Pass(tape);
        Tensor Part(int start, int count) => Tensor.FromArray(RecurrentData.SliceTime(x, batch, steps, start, count), batch, count, 2);
        (_, RecurrentState state) = lstm.ForwardWithState(Part(0, cut), null, pass);
        Tensor hidden = Tensor.FromArray(state.Hidden.ToArray(), batch, units), carry = Tensor.FromArray(state.Carry!.Value.ToArray(), batch, units);
        tape.Watch(hidden);
        tape.Watch(carry);
        (Tensor end, _) = lstm.ForwardWithState(Part(cut, steps - cut), new RecurrentState(hidden, carry), pass);
        if (bothWays) end = ConcatenateOp.Of(tape, end, Tensor.FromArray(Backward(model, x).ToArray(), batch, units));
        tape.Backward(Loss.MeanSquaredError().Of(model.Layers[1].Forward(end, pass), Tensor.FromArray(y, batch, 1)));
        Assert.Equal(Norm(tape.GradientOf(hidden)), flow.HiddenByStep[cut - 1], 1e-6);
        Assert.Equal(Norm(tape.GradientOf(carry)), flow.CellByStep![cut - 1], 1e-6);

        static double Norm(float[] values) => Math.Sqrt(values.Sum(v => (double)v * v));
        Tensor Backward(Sequential m, float[] values) => ((Bidirectional)m.Layers[0]).BackwardLayer.Forward(Tensor.FromArray(values, batch, steps, 2), new Pass(new Tape()));
    }

    [Fact]
    public void Vanishing_exploding_saturated_and_dead_units_are_named_with_what_to_change()
    {
        Tensor inputs = Tensor.FromArray(RecurrentData.Numbers(40, 1, 1.0), 2, 20, 1), targets = Tensor.FromArray([1f, 2f], 2, 1);
        GradientFinding vanishing = Assert.Single(GradientFlow.Measure(Linear(0.5f, false), inputs, targets).Findings);
        Assert.Equal((GradientFindingKind.Vanishing, "simple_rnn"), (vanishing.Kind, vanishing.Layer));
        Assert.Equal(Math.Pow(0.5, 19), vanishing.Value, 1e-9);
        Assert.Contains("arrives 19 steps back, a hundredth 6 steps back", vanishing.Message, StringComparison.Ordinal);
        GradientFinding exploding = Assert.Single(GradientFlow.Measure(Linear(2f, false), inputs, targets).Findings);
        Assert.Equal(GradientFindingKind.Exploding, exploding.Kind);
        Assert.Equal(Math.Pow(2, 19), exploding.Value, 1.0);
        Assert.Contains("Clip", exploding.Message, StringComparison.Ordinal);
        Assert.Empty(GradientFlow.Measure(Linear(1f, false), inputs, targets).Findings);

        // Two units of three hang at the ends of tanh, or at zero of relu.
        foreach ((string activation, float weight, GradientFindingKind kind) in new[] { ("tanh", 50f, GradientFindingKind.Saturated), ("relu", -50f, GradientFindingKind.DeadUnits) })
        {
            var model = new Sequential(new Shape(-1, -1, 1)) { new SimpleRnn(3, activation) { UseBias = false } };
            model.Parameters[0].Set([weight, weight, 0.1f]);
            model.Parameters[1].Set(new float[9]);
            model.Compile(new Sgd(0.1f), Loss.MeanSquaredError());
            Tensor positive = Tensor.FromArray([.. Enumerable.Range(1, 8).Select(i => 0.5f + 0.1f * i)], 2, 4, 1);
            GradientFinding finding = Assert.Single(GradientFlow.Measure(model, positive, Tensor.FromArray(new float[6], 2, 3)).Findings);
            Assert.Equal((kind, 2.0 / 3), (finding.Kind, finding.Value));
            Assert.Contains("2 of 3 units", finding.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_gate_that_is_stuck_is_named_with_what_that_means()
    {
        var model = new Sequential(new Shape(-1, -1, 1)) { new Lstm(4, name: "memory"), new Dense(1) };
        float[] bias = new float[16];
        bias.AsSpan(0, 2).Fill(-9); // two of four input gates shut
        bias.AsSpan(4, 3).Fill(9); // three forget gates open
        model.Parameters[2].Set(bias);
        model.Compile(new Sgd(0.1f), Loss.MeanSquaredError());
        Tensor inputs = Tensor.FromArray(RecurrentData.Numbers(8, 1, 1.0), 2, 4, 1).WithLengths([4, 2]);
        GradientFinding[] findings = [.. GradientFlow.Measure(model, inputs, Tensor.Zeros(2, 1)).Findings.Where(finding => finding.Kind == GradientFindingKind.SaturatedGate)];
        Assert.Equal([("memory", 0.5), ("memory", 0.75)], findings.Select(finding => (finding.Layer, finding.Value)));
        Assert.StartsWith("memory: the input gate is shut at more than 90 % of the steps in 2 of 4 units: nothing new comes in.", findings[0].Message, StringComparison.Ordinal);
        Assert.StartsWith("memory: the forget gate is open at more than 90 % of the steps in 3 of 4 units: they never forget.", findings[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_time_or_loss_is_refused_and_gradients_are_left_at_zero()
    {
        var model = new Sequential(new Shape(-1, 2)) { new Dense(1) };
        Assert.Contains("not compiled", Assert.Throws<InvalidOperationException>(() => GradientFlow.Measure(model, Tensor.Zeros(1, 2), Tensor.Zeros(1, 1))).Message, StringComparison.Ordinal);
        model.Compile(new Sgd(0.1f), Loss.MeanSquaredError());
        Assert.Contains("no recurrent layer", Assert.Throws<ArgumentException>(() => GradientFlow.Measure(model, Tensor.Zeros(1, 2), Tensor.Zeros(1, 1))).Message, StringComparison.Ordinal);
        Sequential linear = Linear(0.9f, true);
        GradientFlow.Measure(linear, Tensor.FromArray([1f, 2, 3], 1, 3, 1), Tensor.FromArray([4f, 5, 6], 1, 3, 1));
        Assert.All(linear.Parameters, parameter => Assert.All(parameter.GradientToArray(), g => Assert.Equal(0, g)));
    }
}

using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Recurrent;
using Unroll.Ops;
using Unroll.Ops.Recurrent;
using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>The recurrences written step by step with the library's small operations, which share no loop with the fused kernels.</summary>
internal sealed class ComposedRecurrence(Tape tape, RecurrentWeights weights, RecurrentVariant variant)
{
    /// <summary>Runs it over [B, T, I].</summary>
    /// <returns>h at every step, and h and perhaps c at the end.</returns>
    public (Tensor Sequence, Tensor[] Finals) Run(Tensor x, int[]? lengths, Tensor[] initial, bool reverse)
    {
        (int batch, int steps) = (x.Shape[0], x.Shape[1]);
        bool hasCarry = CellKernels.Of(weights.Cell).HasCarry;
        Tensor h = initial.Length > 0 ? initial[0] : Tensor.Zeros(batch, weights.Units);
        Tensor c = initial.Length > 1 ? initial[1] : Tensor.Zeros(batch, weights.Units);
        var sequence = new Tensor[steps];
        for (int i = 0; i < steps; i++)
        {
            int t = reverse ? steps - 1 - i : i;
            (Tensor nextHidden, Tensor nextCarry) = Step(SelectStepOp.Of(tape, x, t), h, c);
            (h, c) = (Keep(h, nextHidden, lengths, t), hasCarry ? Keep(c, nextCarry, lengths, t) : c);
            sequence[t] = h;
        }
        SequenceLayout? layout = null;
        if (lengths is not null)
        {
            layout = tape.NewLayout();
            layout.Set(lengths, steps);
        }
        return (StackStepsOp.Of(tape, sequence, layout), hasCarry ? [h, c] : [h]);
    }

    private (Tensor Hidden, Tensor Carry) Step(Tensor x, Tensor h, Tensor c)
    {
        Tensor fromInput = LinearOp.Of(tape, x, weights.Kernel, weights.Bias);
        if (weights.Cell == RecurrentCell.IndRnn) return (Tanh(AddOp.Of(tape, fromInput, OwnState(h))), c);
        Tensor fromState = LinearOp.Of(tape, h, weights.RecurrentKernel, weights.RecurrentBias);
        Tensor Sum(int gate) => AddOp.Of(tape, Gate(fromInput, gate), Gate(fromState, gate));
        switch (weights.Cell)
        {
            case RecurrentCell.Lstm or RecurrentCell.PeepholeLstm:
                Tensor input = Sigmoid(Peeped(Sum(0), c, 0)), forget = Sigmoid(Peeped(Sum(1), c, 1));
                Tensor carry = Limited(AddOp.Of(tape, MultiplyOp.Of(tape, forget, c), MultiplyOp.Of(tape, input, Tanh(Sum(2)))));
                return (MultiplyOp.Of(tape, Sigmoid(Peeped(Sum(3), carry, 2)), Tanh(carry)), carry);
            case RecurrentCell.CoupledLstm:
                Tensor taking = Sigmoid(Sum(0));
                Tensor mixed = Limited(AddOp.Of(tape, MultiplyOp.Of(tape, ScaleOp.Of(tape, taking, -1, 1), c), MultiplyOp.Of(tape, taking, Tanh(Sum(1)))));
                return (MultiplyOp.Of(tape, Sigmoid(Sum(2)), Tanh(mixed)), mixed);
            case RecurrentCell.Gru or RecurrentCell.GruResetBefore:
                Tensor reset = Sigmoid(Sum(0)), update = Sigmoid(Sum(1));
                Tensor recurrent = weights.Cell == RecurrentCell.Gru
                    ? MultiplyOp.Of(tape, reset, Gate(fromState, 2))
                    : Gate(LinearOp.Of(tape, MultiplyOp.Of(tape, reset, h), weights.RecurrentKernel, weights.RecurrentBias), 2);
                Tensor candidate = Tanh(AddOp.Of(tape, Gate(fromInput, 2), recurrent));
                Tensor taken = MultiplyOp.Of(tape, ScaleOp.Of(tape, update, -1, 1), candidate);
                return (AddOp.Of(tape, taken, MultiplyOp.Of(tape, update, h)), c);
            default:
                Activation activation = weights.Cell switch
                {
                    RecurrentCell.SimpleTanh => Activation.Tanh,
                    RecurrentCell.SimpleRelu => Activation.Relu,
                    RecurrentCell.SimpleSigmoid => Activation.Sigmoid,
                    RecurrentCell.SimpleLinear => Activation.Linear,
                    _ => variant.OtherActivation,
                };
                return (activation.Apply(tape, Sum(0)), c);
        }
    }

    private Tensor Gate(Tensor all, int gate) => SliceFeaturesOp.Of(tape, all, gate * weights.Units, weights.Units);

    /// <summary>u ⊙ h and the recurrent bias of an independently recurrent layer.</summary>
    private Tensor OwnState(Tensor h)
    {
        var row = new Shape(1, weights.Units);
        Tensor own = MultiplyOp.Of(tape, h, ReshapeOp.Of(tape, ParameterOp.Of(tape, weights.RecurrentKernel), row));
        return weights.RecurrentBias is { } bias ? AddOp.Of(tape, own, ReshapeOp.Of(tape, ParameterOp.Of(tape, bias), row)) : own;
    }

    private Tensor Peeped(Tensor sum, Tensor c, int gate)
    {
        if (weights.Peepholes is not { } peepholes) return sum;
        Tensor row = Gate(ReshapeOp.Of(tape, ParameterOp.Of(tape, peepholes), new Shape(1, 3 * weights.Units)), gate);
        return AddOp.Of(tape, sum, MultiplyOp.Of(tape, c, row));
    }

    /// <summary>The new state where a sequence has step t, the old one where it has not.</summary>
    private Tensor Keep(Tensor old, Tensor next, int[]? lengths, int t)
    {
        if (lengths is null) return next;
        float[] real = [.. lengths.SelectMany(n => Enumerable.Repeat(t < n ? 1f : 0f, weights.Units))];
        Tensor mask = Tensor.FromArray(real, lengths.Length, weights.Units);
        return AddOp.Of(tape, MultiplyOp.Of(tape, next, mask), MultiplyOp.Of(tape, old, ScaleOp.Of(tape, mask, -1, 1)));
    }

    /// <summary>x within ± the limit, where there is one.</summary>
    private Tensor Limited(Tensor x) => variant.Extras?.Limit is { } limit
        ? ScaleOp.Of(tape, Activation.HardTanh.Apply(tape, ScaleOp.Of(tape, x, 1 / limit)), limit)
        : x;

    private Tensor Sigmoid(Tensor x) => (variant.Extras?.Gates ?? Activation.Sigmoid).Apply(tape, x);

    private Tensor Tanh(Tensor x) => (variant.Extras?.Activation ?? Activation.Tanh).Apply(tape, x);
}

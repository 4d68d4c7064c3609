using Unroll.Autograd;
using Unroll.Ops.Recurrent;
using Unroll.Tensors;

namespace Unroll.Layers;

public abstract partial class RecurrentLayer
{
    /// <summary>
    /// Runs once without training and gives hidden states, cell states and gates at every step. The hidden states are the bits that the
    /// layer gives with <see cref="SequenceLayer.ReturnSequences"/>.
    /// </summary>
    /// <param name="input">[B, T, I]; at steps that a mask leaves out, all that is given is zero.</param>
    /// <param name="initial">The state before the first step read, or null for zeros.</param>
    /// <exception cref="ArgumentException">Shapes that do not fit.</exception>
    public RecurrentTrace Trace(Tensor input, RecurrentState? initial = null)
    {
        var pass = new Pass(new Tape(recording: false));
        EnsureBuilt(input, pass);
        Tensor packed = Prepare(input, pass);
        RecurrentResult result = RecurrentOp.Traced(pass.Tape, packed, Call(packed, initial, GoBackwards, pass), out RecurrentSteps steps);
        return new RecurrentTrace(Own(result.Sequence), steps.Carry is { } carry ? Own(carry) : null, steps.Gates.ToDictionary(gate => gate.Name, gate => Own(gate.Values), StringComparer.Ordinal));

        Tensor Own(Tensor values)
        {
            Tensor dense = Tensor.FromArray(values.ToArray(), values.Shape[0], values.Shape[1], values.Shape[2]);
            return input.Layout is not { } layout ? dense : dense.WithLengths(layout.HasGaps ? layout.Spans : layout.Lengths);
        }
    }
}

using Unroll.Autograd;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A cell of one's own, written as one step on tensors; <see cref="Rnn"/> runs it over time. The state is a value: a step gets it
/// and gives the next. The operations are those of <see cref="Ops.TensorMath"/>, through which gradients flow.
/// </summary>
/// <typeparam name="TState">The state, for example <see cref="RecurrentState"/>.</typeparam>
public abstract class RnnCell<TState> : RnnCell where TState : struct, ICellState<TState>
{
    /// <summary>
    /// The state before the first step where none is given; zeros, as a rule. A functional model asks for one of a single row, to know
    /// the shapes, before the parameters are made.
    /// </summary>
    /// <param name="batch">B, rows of each tensor.</param>
    /// <param name="pass">Where tensors are made.</param>
    public abstract TState InitialState(int batch, Pass pass);

    /// <summary>One step.</summary>
    /// <param name="input">[b, I]: step t of the b sequences that have one. A sequence that has ended is not among the rows.</param>
    /// <param name="state">What the step before gave, with those b rows.</param>
    /// <param name="pass">Tape, training flag, and what random draws depend on: seed, training step, time step and each row's sequence.</param>
    /// <returns>The output [b, <see cref="RnnCell.Units"/>] and the next state, whose tensors have the shapes of the old.</returns>
    public abstract (Tensor Output, TState Next) Step(Tensor input, TState state, Pass pass);

    internal sealed override int Begin(int batch, Pass pass, Span<Tensor> parts)
    {
        TState state = InitialState(batch, pass);
        if (state.Count is < 1 or > MostParts)
            throw new InvalidOperationException($"{GetType().Name}: its state has {state.Count} tensors; expected 1 to {MostParts}.");
        Take(state, parts[..state.Count]);
        return state.Count;
    }

    internal sealed override Tensor Advance(Tensor input, Span<Tensor> parts, Pass pass)
    {
        (Tensor output, TState next) = Step(input, TState.Of(parts), pass);
        if (next.Count != parts.Length)
            throw new InvalidOperationException($"{GetType().Name}: a step gave a state of {next.Count} tensors; expected {parts.Length}, as before the step.");
        Take(next, parts);
        return output;
    }

    internal static void Take(TState state, Span<Tensor> parts)
    {
        for (int i = 0; i < parts.Length; i++) parts[i] = state[i];
    }
}

using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>Recurrent layers over sequences in which something new begins in the middle: games, sessions, patients.</summary>
public static class EpisodeResets
{
    /// <summary>
    /// Runs a layer that begins anew, with a state of zeros, at every step that a flag marks. The batch is cut into its episodes,
    /// which are sequences of their own to the layer, and joined again: outputs and gradients are those of the episodes alone.
    /// </summary>
    /// <param name="layer">In one direction.</param>
    /// <param name="input">[B, T, I].</param>
    /// <param name="resets">[B, T], not zero where an episode begins; of the input's lengths where it carries any. At step 0 the given state is dropped.</param>
    /// <param name="initial">The state with which each sequence's first episode begins, or null for zeros. A layer that goes backwards reads the last episode first.</param>
    /// <param name="pass">Tape and training flag.</param>
    /// <returns>The layer's output for the whole sequences, and the state after the last step that each read.</returns>
    /// <exception cref="ArgumentException">Shapes that do not fit.</exception>
    public static (Tensor Output, RecurrentState Final) ForwardWithResets(this RecurrentLayer layer, Tensor input, Tensor resets, RecurrentState? initial, Pass pass)
    {
        ArgumentNullException.ThrowIfNull(layer);
        SequenceInput.Check(layer, input.Shape);
        Tape tape = pass.Tape;
        var episodes = new Episodes(tape, layer.Title, PackOp.ByTime(tape, input), resets, layer.GoBackwards);
        RecurrentState? states = null;
        if (initial is { } given)
        {
            Check(layer, input.Shape[0], given);
            Tensor fresh = pass.Zeros(1, layer.Units);
            states = new RecurrentState(episodes.Initial(tape, given.Hidden, fresh), given.Carry is { } carry ? episodes.Initial(tape, carry, fresh) : null);
        }
        (Tensor output, RecurrentState final) = layer.ForwardWithState(episodes.Input, states, pass);
        var last = new RecurrentState(episodes.Final(tape, final.Hidden), final.Carry is { } ended ? episodes.Final(tape, ended) : null);
        return (layer.ReturnSequences ? episodes.Join(tape, output) : last.Hidden, last);
    }

    private static void Check(RecurrentLayer layer, int batch, RecurrentState given)
    {
        var expected = new Shape(batch, layer.Units);
        if (given.Hidden.Shape != expected)
            throw new ArgumentException($"{layer.Title}: expected an initial hidden state {expected}, [batch, units], received {given.Hidden.Shape}.", nameof(given));
        if (given.Carry is { } carry && carry.Shape != expected)
            throw new ArgumentException($"{layer.Title}: expected an initial cell state {expected}, [batch, units], received {carry.Shape}.", nameof(given));
    }
}

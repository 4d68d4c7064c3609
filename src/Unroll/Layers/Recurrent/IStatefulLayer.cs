using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>What functional models need of a layer that begins with a state and ends with one, whatever the state is made of.</summary>
internal interface IStatefulLayer
{
    /// <summary>The shapes of the state's tensors, each [batch, features].</summary>
    /// <param name="batch">B, or <see cref="Shape.Unknown"/>.</param>
    Shape[] StateShapes(int batch);

    /// <summary>Computes the output and the state after each sequence's last step read.</summary>
    /// <param name="input">[B, T, I].</param>
    /// <param name="state">Room for the state; its first tensors are the initial one where one is given, and all the final one afterwards.</param>
    /// <param name="given">How many tensors are given; 0 for the layer's own beginning: a carried, a trained or a zero state.</param>
    /// <param name="pass">Tape and training flag.</param>
    /// <param name="count">How many tensors the state has.</param>
    Tensor Run(Tensor input, Span<Tensor> state, int given, Pass pass, out int count);
}

using Unroll.Autograd;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>An activation by name: what follows a linear map, as an object that layers and losses can hold.</summary>
public abstract class Activation
{
    /// <summary>Its Keras name, for example <c>"tanh"</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Applies it; row by row over the last axis for softmax, element by element otherwise.</summary>
    internal abstract Tensor Apply(Tape tape, Tensor x);
}

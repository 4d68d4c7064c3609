using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>What queries attend to, with everything computed of it that does not depend on a query: made once, read at every step.</summary>
/// <param name="Keys">[B, Tk, …]: what queries are compared with, as the layer wants it.</param>
/// <param name="Values">[B, Tk, V]: what is averaged, with the same lengths.</param>
internal readonly record struct AttentionMemory(Tensor Keys, Tensor Values)
{
    /// <summary>[B, 1, Tk]: the weights of the step before, for a layer that looks at them; none at the first step.</summary>
    public Tensor Previous { get; init; }

    /// <summary>[B, 1, Tk]: the sum of the weights of all steps before, the coverage; none at the first step.</summary>
    public Tensor Total { get; init; }
}

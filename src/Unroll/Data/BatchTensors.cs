using Unroll.Tensors;

namespace Unroll.Data;

/// <summary>The tensors of a batch: one an input of the model, and a target and perhaps weights an output. Its reader fills it again for the next batch.</summary>
internal sealed class BatchTensors(int inputs, int outputs)
{
    public Tensor[] Inputs { get; } = new Tensor[inputs];

    public Tensor[] Targets { get; } = new Tensor[outputs];

    public Tensor?[] Weights { get; } = new Tensor?[outputs];
}

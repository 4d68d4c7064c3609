using System.Globalization;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Inference;

/// <summary>A row of an embedding's table; a padding id is an id like any other.</summary>
internal sealed unsafe class EmbeddingStage(Embedding layer) : StreamStage
{
    private readonly Parameter _table = layer.Parameters[0];

    public override float* Step(float* x)
    {
        int row = (int)*x;
        if (row != *x || (uint)row >= (uint)layer.Vocabulary)
            throw new ArgumentException($"Step: {layer.Title}: expected a whole number from 0 to {layer.Vocabulary - 1} (the vocabulary has {layer.Vocabulary} entries), found {x->ToString(CultureInfo.InvariantCulture)}.", nameof(x));
        return _table.Values + (nint)row * layer.Units;
    }
}

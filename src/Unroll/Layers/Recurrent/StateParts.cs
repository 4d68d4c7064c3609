using System.Runtime.CompilerServices;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>Room for the tensors of a state.</summary>
[InlineArray(RnnCell.MostParts)]
internal struct StateParts
{
    private Tensor _first;
}

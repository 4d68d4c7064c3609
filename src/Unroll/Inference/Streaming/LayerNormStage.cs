using Unroll.Kernels.Normalization;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Inference;

/// <summary>Layer normalisation of one row.</summary>
internal sealed unsafe class LayerNormStage : StreamStage
{
    private readonly LayerNormalization _layer;
    private readonly NativeBlock _memory;
    private readonly int _width;

    public LayerNormStage(LayerNormalization layer)
    {
        (_layer, _width) = (layer, layer.InputShape.Features);
        _memory = new NativeBlock(_width + LayerNormKernel.StatisticsPerRow);
    }

    public override float* Step(float* x)
    {
        LayerNormKernel.Forward(new LayerNormKernel.Arguments
        {
            X = x,
            Gamma = _layer.Parameters[0].Values,
            Beta = _layer.Parameters[1].Values,
            Y = _memory.Pointer,
            Statistics = _memory.Pointer + _width,
            Rows = 1,
            Features = _width,
            Epsilon = _layer.Epsilon,
        });
        return _memory.Pointer;
    }
}

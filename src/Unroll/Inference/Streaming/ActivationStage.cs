using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Inference;

/// <summary>An activation of one row.</summary>
internal sealed unsafe class ActivationStage(Activation activation, int width) : StreamStage
{
    private readonly NativeBlock _output = new(width);

    public override float* Step(float* x)
    {
        activation.ApplyToRow(x, _output.Pointer, width);
        return _output.Pointer;
    }
}

using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Simd;
using Unroll.Tensors;

namespace Unroll.Inference;

/// <summary>Branches that read the same input, added in their order.</summary>
internal sealed unsafe class ParallelSumStage(StreamStage[][] branches, int width) : StreamStage
{
    private readonly NativeBlock _output = new(width);

    public override float* Step(float* x)
    {
        float* sum = Run(branches[0], x);
        for (int i = 1; i < branches.Length; i++)
        {
            Map.Run(new AddMap(), sum, Run(branches[i], x), _output.Pointer, width);
            sum = _output.Pointer;
        }
        return sum;
    }
}

using Unroll.Kernels.Layouts;
using Unroll.Kernels.Scans;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Inference;

/// <summary>The step of a layer whose gates see the input alone: its linear map, then one step of its scan.</summary>
internal sealed unsafe class ScanStage<TGate> : RecurrentStage where TGate : struct, IScanGate
{
    private readonly StreamStage _linear;
    private readonly NativeBlock _memory;
    private ScanArguments _scan;

    public ScanStage(MinimalRecurrentLayer layer, StreamStage linear)
        : base(layer.Name, layer.Units, hasCarry: false)
    {
        _linear = linear;
        _memory = new NativeBlock(2 * Units);
        var one = new SequenceLayout();
        one.SetFull(1, 1);
        _scan = new ScanArguments { Sequence = one, Units = Units, Initial = _memory.Pointer, Output = _memory.Pointer + Units };
    }

    public override Span<float> Hidden => new(_scan.Output, Units);

    public override Span<float> Carry => default;

    public override float* Step(float* x)
    {
        float* before = _scan.Output;
        _scan.Output = _scan.Initial;
        _scan.Initial = before;
        _scan.Sums = _linear.Step(x);
        GatedScan<TGate>.Forward(in _scan);
        return _scan.Output;
    }

    /// <summary>Nothing: zeros are a state like any other.</summary>
    public override void StateChanged()
    {
    }
}

using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Streaming;
using Unroll.Kernels.Threading;
using Unroll.Layers;
using Unroll.Tensors;

namespace Unroll.Inference;

/// <summary>The linear map of a layer.</summary>
internal sealed unsafe class LinearStage<TProduct> : StreamStage where TProduct : struct, IStreamProduct
{
    private const int Size = PanelLayout.GroupSize;

    private readonly NativeBlock _memory, _weights;
    private readonly float* _room;
    private readonly int _parts;
    private LinearStepArguments _step;

    /// <param name="layer">Its parameters are the kernel and perhaps the bias.</param>
    /// <param name="storage">How the kernel is stored.</param>
    public LinearStage(Layer layer, StreamWeights storage)
    {
        Parameter kernel = layer.Parameters[0];
        PanelLayout panels = kernel.Panels!;
        _step.Matrix = new StreamMatrix(panels, storedGroups: 1);
        _weights = StreamWeightCopy.Of(kernel, _step.Matrix, storage);
        _parts = StreamParts.For(_weights.Capacity);
        int padded = panels.PaddedUnits + Size;
        _memory = new NativeBlock(2 * padded + TProduct.RoomFor(panels.Rows));
        _step.To = _memory.Pointer;
        _step.From = layer.Parameters.Count > 1 ? layer.Parameters[1].Values : _memory.Pointer + padded;
        _room = _memory.Pointer + 2 * padded;
        _step.EndGroup = _step.Matrix.Count;
    }

    public override float* Step(float* x)
    {
        _step.X = TProduct.Operand(x, _step.Matrix.Rows, _room);
        if (_parts > 1) ThreadTeam.Run(new LinearStepWork<TProduct>(_step), _parts);
        else SimdWidth.Run<LinearStep<TProduct>, LinearStepArguments>(in _step);
        return _step.To;
    }
}

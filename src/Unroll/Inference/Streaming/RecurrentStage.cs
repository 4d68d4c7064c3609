using Unroll.Kernels.Layouts;
using Unroll.Kernels.Recurrent;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Streaming;
using Unroll.Kernels.Threading;
using Unroll.Layers;
using Unroll.Ops.Recurrent;
using Unroll.Tensors;

namespace Unroll.Inference;

/// <summary>A recurrent layer's step and its state.</summary>
internal abstract unsafe class RecurrentStage : StreamStage
{
    private protected RecurrentStage(string name, int units, bool hasCarry) => (Name, Units, HasCarry) = (name, units, hasCarry);

    /// <summary>The layer's name.</summary>
    public string Name { get; }

    /// <summary>H.</summary>
    public int Units { get; }

    /// <summary>Whether there is a cell state beside the hidden state.</summary>
    public bool HasCarry { get; }

    /// <summary>The hidden state [H].</summary>
    public abstract Span<float> Hidden { get; }

    /// <summary>The cell state [H], where there is one.</summary>
    public abstract Span<float> Carry { get; }

    /// <summary>Goes back to before the first step.</summary>
    public virtual void Begin()
    {
        Hidden.Clear();
        Carry.Clear();
        StateChanged();
    }

    /// <summary>Says that the state was set from outside.</summary>
    public abstract void StateChanged();
}

/// <summary>A recurrent layer of one cell, its weights stored in one way.</summary>
internal sealed unsafe class RecurrentStage<TCell, TProduct> : RecurrentStage
    where TCell : struct, ICellKernel where TProduct : struct, IStreamProduct
{
    private const int Size = PanelLayout.GroupSize;

    private readonly RecurrentLayer _layer;
    private readonly RecurrentWeights _weights;
    private readonly NativeBlock _memory, _input, _recurrent;
    private readonly float* _inputRoom, _stateRoom;
    private readonly int _parts;
    private RecurrentStepArguments _step;
    private long _biasVersion = -1;

    public RecurrentStage(RecurrentLayer layer, StreamWeights storage)
        : base(layer.Name, layer.Units, TCell.HasCarry)
    {
        _layer = layer;
        _weights = layer.Weights;
        PanelLayout kernel = _weights.Kernel.Panels!, recurrent = _weights.RecurrentKernel.Panels!;
        _step.Input = new StreamMatrix(kernel, TCell.StoredGroups, TCell.InputFirstGroup);
        _step.Recurrent = new StreamMatrix(recurrent, TCell.StoredGroups, TCell.RecurrentFirstGroup, TCell.HasSecondPhase ? TCell.InputGroups - TCell.RecurrentGroups : 0);
        _input = StreamWeightCopy.Of(_weights.Kernel, _step.Input, storage);
        _recurrent = TCell.RecurrentGroups > 0 ? StreamWeightCopy.Of(_weights.RecurrentKernel, _step.Recurrent, storage) : _weights.RecurrentKernel.Block;
        _parts = StreamParts.For(_input.Capacity + _recurrent.Capacity);

        int padded = recurrent.PaddedUnits, gates = TCell.StoredGroups * padded + Size;
        int inputRoom = TProduct.RoomFor(kernel.Rows), stateRoom = TProduct.RoomFor(recurrent.Rows);
        _memory = new NativeBlock(2 * gates + 4 * padded + 2 * Size + inputRoom + stateRoom);
        float* next = _memory.Pointer;
        _step.Initial = Take(ref next, gates);
        _step.Gates = Take(ref next, gates);
        _step.PreviousState = Take(ref next, padded);
        _step.State = Take(ref next, padded);
        _step.Carry = Take(ref next, padded);
        _step.ResetState = Take(ref next, padded);
        _inputRoom = Take(ref next, inputRoom);
        _stateRoom = Take(ref next, stateRoom);
        _step.UnitWeights = _weights.UnitWeights is { } own ? own.Values : null;
        _step.Noise = NoiseMemory.Expectations(layer.Zoneout, layer.CarryZoneout, Take(ref next, 2 * Size));
        _step.Options = layer.Options ?? CellOptions.Usual;
        _step.Blocks = _step.EndBlock = padded / Size;
    }

    public override Span<float> Hidden => new(_step.State, Units);

    public override Span<float> Carry => new(_step.Carry, HasCarry ? Units : 0);

    public override float* Step(float* x)
    {
        RefreshBias();
        float* before = _step.State;
        _step.State = _step.PreviousState;
        _step.PreviousState = before;
        _step.X = TProduct.Operand(x, _step.Input.Rows, _inputRoom);
        if (TCell.RecurrentGroups > 0) _step.PreviousOperand = TProduct.Operand(_step.PreviousState, _step.Recurrent.Rows, _stateRoom);
        Run<RecurrentStep<TCell, TProduct>>();
        if (TCell.HasSecondPhase)
        {
            _step.PreviousOperand = TProduct.Operand(_step.ResetState, _step.Recurrent.Rows, _stateRoom);
            Run<RecurrentSecondStep<TCell, TProduct>>();
        }
        _step.HasPast = true;
        _step.Descending = !_step.Descending;
        return _step.State;
    }

    public override void Begin()
    {
        base.Begin();
        if (_layer.InitialHidden is not { } hidden) return;
        hidden.ValueSpan.CopyTo(Hidden);
        _layer.InitialCell?.ValueSpan.CopyTo(Carry);
        StateChanged();
    }

    // Predict skips the product with states that are zero because nothing came before; so does a stream, and the bits agree
    // in the sign of zeros too.
    public override void StateChanged() => _step.HasPast = _layer.LearnedInitialState || Hidden.ContainsAnyExcept(0f);

    private void Run<TKernel>() where TKernel : struct, ISimdKernel<RecurrentStepArguments>
    {
        if (_parts > 1) ThreadTeam.Run(new RecurrentStepWork<TKernel>(_step), _parts);
        else SimdWidth.Run<TKernel, RecurrentStepArguments>(in _step);
    }

    /// <summary>Adds the biases anew when they have changed, each at the gate where its product begins.</summary>
    private void RefreshBias()
    {
        if (_weights.Bias is not { } bias) return;
        Parameter? recurrent = _weights.RecurrentBias;
        long version = bias.Version + (recurrent is null ? 0 : recurrent.Version);
        if (version == _biasVersion) return;
        for (int block = 0; block < _step.Blocks; block++)
        {
            for (int slot = 0; slot < TCell.StoredGroups; slot++)
            {
                int group = slot - TCell.InputFirstGroup;
                float* own = group >= 0 && group < TCell.InputGroups ? bias.Values + (block * TCell.InputGroups + group) * Size : null;
                float* other = recurrent is not null && slot < TCell.InputGroups ? recurrent.Values + (block * TCell.InputGroups + slot) * Size : null;
                float* to = _step.Initial + (block * TCell.StoredGroups + slot) * Size;
                for (int u = 0; u < Size; u++) to[u] = own == null ? other[u] : other == null ? own[u] : own[u] + other[u];
            }
        }
        _biasVersion = version;
    }

    private static float* Take(ref float* next, int count)
    {
        float* taken = next;
        next += count;
        return taken;
    }
}

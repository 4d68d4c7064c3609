using System.Runtime.CompilerServices;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// Rows of 16 units at one step, forward: the rows of one block of units, or the blocks of one row. Pointers are the first
/// one's. Padded units are zero on the way in and out.
/// </summary>
internal unsafe struct CellBlock
{
    /// <summary>Pre-activations of each gate, 16 floats a gate; replaced by the activated gates.</summary>
    public float* Gates;

    /// <summary>The cell state before and after the step (the same memory in inference).</summary>
    public float* PreviousCarry, Carry;

    /// <summary>The hidden state before and after the step.</summary>
    public float* PreviousState, State;

    /// <summary>r ⊙ hₜ₋₁, for a cell whose second phase multiplies it.</summary>
    public float* ResetState;

    /// <summary>Weights of these units alone, 16 floats each: the peepholes pᵢ, p_f, pₒ, or u of an independently recurrent layer.</summary>
    public float* UnitWeights;

    /// <summary>Floats from one row to the next.</summary>
    public nint GateStride, PreviousCarryStride, CarryStride, PreviousStateStride, StateStride, ResetStateStride, UnitWeightStride;

    public int Rows;

    /// <summary>What differs from the cell's usual form, for a general kernel.</summary>
    public CellOptions Options;

    /// <summary>What regularisation does, for a general kernel.</summary>
    public CellNoise Noise;
}

/// <summary>Rows of 16 units at one step, backward; like <see cref="CellBlock"/>.</summary>
internal unsafe struct CellGradientBlock
{
    /// <summary>The activated gates; replaced by the gradients of the pre-activations.</summary>
    public float* Gates;

    public float* PreviousCarry, Carry;
    public float* PreviousState, State;
    public float* UnitWeights;

    /// <summary>The loss's gradient with respect to hₜ without what <see cref="CarryGradient"/> adds; in the second phase with respect to r ⊙ hₜ₋₁.</summary>
    public float* StateGradient;

    /// <summary>What flows from step to step past the recurrent product: dc of an LSTM, the kept part of dh of a GRU.</summary>
    public float* CarryGradient;

    /// <summary>Floats from one row to the next.</summary>
    public nint GateStride, PreviousCarryStride, CarryStride, PreviousStateStride, StateStride, StateGradientStride, CarryGradientStride, UnitWeightStride;

    public int Rows;

    /// <summary>What differs from the cell's usual form, for a general kernel.</summary>
    public CellOptions Options;

    /// <summary>What regularisation does, for a general kernel.</summary>
    public CellNoise Noise;

    /// <summary>Goes on by some rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int rows)
    {
        Gates += rows * GateStride;
        PreviousCarry += rows * PreviousCarryStride;
        Carry += rows * CarryStride;
        PreviousState += rows * PreviousStateStride;
        State += rows * StateStride;
        StateGradient += rows * StateGradientStride;
        CarryGradient += rows * CarryGradientStride;
        UnitWeights += rows * UnitWeightStride;
        Rows -= rows;
    }
}

/// <summary>
/// The arithmetic of one cell after its products: the fused epilogue of KERNELS.md 4. A cell says how its gates lie in
/// the buffer of a step; the loops over time are written once, in <see cref="ForwardSweep{TCell}"/> and <see cref="BackwardSweep{TCell}"/>.
/// Each function is a loop of its own over the rows, so that neighbouring rows overlap in the processor's pipes.
/// </summary>
internal interface ICellKernel
{
    /// <summary>Groups that the buffer keeps for a block of 16 units.</summary>
    static abstract int StoredGroups { get; }

    /// <summary>First group of the buffer that the input product fills, and how many it fills.</summary>
    static abstract int InputFirstGroup { get; }
    static abstract int InputGroups { get; }

    /// <summary>First group of the buffer that the recurrent product of the first phase adds to, and how many; none where units do not see one another.</summary>
    static abstract int RecurrentFirstGroup { get; }
    static abstract int RecurrentGroups { get; }

    /// <summary>Whether the first group of the recurrent product holds nothing of the input product and begins with a bias of its own (GRU, reset after).</summary>
    static virtual bool HasOwnRecurrentBias => false;

    /// <summary>Whether the kernel reads <see cref="CellBlock.Options"/> and <see cref="CellBlock.Noise"/>.</summary>
    static virtual bool IsGeneral => false;

    /// <summary>Most rows of a general kernel that keeps gradients between its stages.</summary>
    const int GeneralRows = ProductTile.MaximumRows;

    /// <summary>Most rows of a block of units that a step takes at once: those of a tile, or more where no product reads states.</summary>
    static virtual int RowsAtOnce => ProductTile.MaximumRows;

    /// <summary>Groups of weights that each unit has for itself (<see cref="CellBlock.UnitWeights"/>).</summary>
    static virtual int UnitWeightGroups => 0;

    /// <summary>Whether there is a cell state beside the hidden state.</summary>
    static abstract bool HasCarry { get; }

    /// <summary>Whether the last group follows in a second phase, from the product of r ⊙ hₜ₋₁ (GRU, reset before).</summary>
    static abstract bool HasSecondPhase { get; }

    static abstract void Forward<TSimd, TVector>(in CellBlock block) where TSimd : struct, ISimd<TVector> where TVector : unmanaged;

    /// <summary>After the second product, for a cell that has one.</summary>
    static virtual void ForwardSecond<TSimd, TVector>(in CellBlock block) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
    }

    static abstract void Backward<TSimd, TVector>(CellGradientBlock block) where TSimd : struct, ISimd<TVector> where TVector : unmanaged;

    /// <summary>After the second product's gradient, for a cell that has one.</summary>
    static virtual void BackwardSecond<TSimd, TVector>(CellGradientBlock block) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
    }
}

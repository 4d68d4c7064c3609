using System.Runtime.CompilerServices;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary><see cref="GruKernel"/> with activations chosen at run time, any whose slope follows from their value, and a mask of the candidate.</summary>
internal readonly unsafe struct GeneralGruKernel : ICellKernel
{
    private const int Size = PanelLayout.GroupSize;

    // Where the buffer holds them.
    private const int Hidden = 0, Reset = Size, Update = 2 * Size, Candidate = 3 * Size;

    public static bool IsGeneral => true;
    public static int StoredGroups => GruKernel.StoredGroups;
    public static int InputFirstGroup => GruKernel.InputFirstGroup;
    public static int InputGroups => GruKernel.InputGroups;
    public static int RecurrentFirstGroup => GruKernel.RecurrentFirstGroup;
    public static int RecurrentGroups => GruKernel.RecurrentGroups;
    public static bool HasOwnRecurrentBias => GruKernel.HasOwnRecurrentBias;
    public static bool HasCarry => false;
    public static bool HasSecondPhase => false;

    public static void Forward<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        CellActivation.Apply<TSimd, TVector>(block.Options.RecurrentActivation, block.Gates + Reset, block.GateStride, block.Rows, 2);
        CandidateSums<TSimd, TVector>(in block);
        CellActivation.Apply<TSimd, TVector>(block.Options.Activation, block.Gates + Candidate, block.GateStride, block.Rows, 1);
        NextState<TSimd, TVector>(in block, Update, Candidate);
    }

    /// <summary>nₓ + r ⊙ n_h.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void CandidateSums<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates;
        for (int row = block.Rows; row > 0; row--, gates += block.GateStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
                TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(gates + Reset + u), TSimd.Load(gates + Hidden + u), TSimd.Load(gates + Candidate + u)), gates + Candidate + u);
    }

    /// <summary>hₜ = (1 − z) ⊙ m ⊙ n + z ⊙ hₜ₋₁, m the candidate's mask, for z and n at their places in the buffer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void NextState<TSimd, TVector>(in CellBlock block, int update, int candidate)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates, previous = block.PreviousState, state = block.State, mask = block.Noise.CandidateMask;
        for (int row = block.Rows; row > 0; row--, gates += block.GateStride, previous += block.PreviousStateStride, state += block.StateStride, mask += block.Noise.CandidateMaskStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector proposed = TSimd.Multiply(TSimd.Load(mask + u), TSimd.Load(gates + candidate + u));
                TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(gates + update + u), TSimd.Subtract(TSimd.Load(previous + u), proposed), proposed), state + u);
            }
    }

    public static void Backward<TSimd, TVector>(CellGradientBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        OfState<TSimd, TVector>(in block, Update, Candidate);
        OfReset<TSimd, TVector>(in block);
    }

    /// <summary>From dhₜ to the gradients of the sums of z and n, for z and n at their places in the buffer, of at most six rows.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void OfState<TSimd, TVector>(in CellGradientBlock block, int update, int candidate)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* dUpdate = stackalloc float[ICellKernel.GeneralRows * Size], dCandidate = stackalloc float[ICellKernel.GeneralRows * Size];
        float* gates = block.Gates, previous = block.PreviousState, gradient = block.StateGradient, carry = block.CarryGradient, mask = block.Noise.CandidateMask;
        for (int row = 0; row < block.Rows; row++, gates += block.GateStride, previous += block.PreviousStateStride, gradient += block.StateGradientStride, carry += block.CarryGradientStride, mask += block.Noise.CandidateMaskStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector dState = TSimd.Add(TSimd.Load(gradient + u), TSimd.Load(carry + u));
                TVector kept = TSimd.Multiply(dState, TSimd.Load(gates + update + u));
                TVector keep = TSimd.Load(mask + u), proposed = TSimd.Multiply(keep, TSimd.Load(gates + candidate + u));
                TSimd.Store(TSimd.Multiply(TSimd.Subtract(dState, kept), keep), dCandidate + row * Size + u);
                TSimd.Store(TSimd.Multiply(dState, TSimd.Subtract(TSimd.Load(previous + u), proposed)), dUpdate + row * Size + u);
                TSimd.Store(kept, carry + u);
            }
        CellActivation.Slope<TSimd, TVector>(block.Options.RecurrentActivation, block.Gates + update, block.GateStride, dUpdate, Size, block.Gates + update, block.GateStride, block.Rows);
        CellActivation.Slope<TSimd, TVector>(block.Options.Activation, block.Gates + candidate, block.GateStride, dCandidate, Size, block.Gates + candidate, block.GateStride, block.Rows);
    }

    /// <summary>From the gradient of n's sum to those of r's and of n_h.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void OfReset<TSimd, TVector>(in CellGradientBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* dReset = stackalloc float[ICellKernel.GeneralRows * Size];
        float* gates = block.Gates;
        for (int row = 0; row < block.Rows; row++, gates += block.GateStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector dCandidate = TSimd.Load(gates + Candidate + u);
                TSimd.Store(TSimd.Multiply(dCandidate, TSimd.Load(gates + Hidden + u)), dReset + row * Size + u);
                TSimd.Store(TSimd.Multiply(dCandidate, TSimd.Load(gates + Reset + u)), gates + Hidden + u);
            }
        CellActivation.Slope<TSimd, TVector>(block.Options.RecurrentActivation, block.Gates + Reset, block.GateStride, dReset, Size, block.Gates + Reset, block.GateStride, block.Rows);
    }
}

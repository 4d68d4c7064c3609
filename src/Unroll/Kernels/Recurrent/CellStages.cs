using System.Runtime.CompilerServices;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// A cell's arithmetic with what regularisation puts round it: forward hₜ = k ⊙ hₜ₋₁ + (1 − k) ⊙ h̃ and the masked state that the
/// recurrent weights will see, backward their gradients. A kernel of a usual form has no such stages.
/// </summary>
internal static unsafe class CellStages<TCell> where TCell : struct, ICellKernel
{
    private const int Size = PanelLayout.GroupSize;

    public static void Forward<TSimd, TVector>(in CellBlock block, bool second)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        if (TCell.HasSecondPhase && second) TCell.ForwardSecond<TSimd, TVector>(in block);
        else TCell.Forward<TSimd, TVector>(in block);
        if (!TCell.IsGeneral) return;
        if (second != TCell.HasSecondPhase)
        {
            // The first of two phases: the second multiplies what the gate lets through of the masked state.
            if (block.Noise.StateMask != null)
                Multiply<TSimd, TVector>(block.ResetState, block.ResetStateStride, block.Noise.StateMask, block.Noise.StateMaskStride, block.ResetState, block.ResetStateStride, block.Rows);
            return;
        }
        if (block.Noise.StateHold != null) Hold<TSimd, TVector>(in block);
        if (block.Noise.StateMask != null)
            Multiply<TSimd, TVector>(block.State, block.StateStride, block.Noise.StateMask, block.Noise.StateMaskStride, block.Noise.MaskedState, block.Noise.MaskedStateStride, block.Rows);
    }

    public static void Backward<TSimd, TVector>(in CellGradientBlock block, bool second)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        if (!TCell.IsGeneral)
        {
            Cell<TSimd, TVector>(in block, second);
            return;
        }
        if (!second && block.Noise.StateHold != null) ShareGradient<TSimd, TVector>(in block);
        if (second && block.Noise.StateMask != null)
            Multiply<TSimd, TVector>(block.StateGradient, block.StateGradientStride, block.Noise.StateMask, block.Noise.StateMaskStride, block.StateGradient, block.StateGradientStride, block.Rows);
        CellGradientBlock some = block;
        for (int left = block.Rows; left > 0; left -= TCell.RowsAtOnce)
        {
            some.Rows = Math.Min(left, TCell.RowsAtOnce);
            Cell<TSimd, TVector>(in some, second);
            some.Noise.Advance(some.Rows);
            some.Advance(some.Rows);
        }
    }

    private static void Cell<TSimd, TVector>(in CellGradientBlock block, bool second)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        if (TCell.HasSecondPhase && second) TCell.BackwardSecond<TSimd, TVector>(block);
        else TCell.Backward<TSimd, TVector>(block);
    }

    /// <summary>target = x ⊙ y, row after row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Multiply<TSimd, TVector>(float* x, nint xStride, float* y, nint yStride, float* target, nint targetStride, int rows)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        for (; rows > 0; rows--, x += xStride, y += yStride, target += targetStride)
            for (int u = 0; u < Size; u += TSimd.Lanes) TSimd.Store(TSimd.Multiply(TSimd.Load(x + u), TSimd.Load(y + u)), target + u);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Hold<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* previous = block.PreviousState, state = block.State, hold = block.Noise.StateHold;
        for (int row = block.Rows; row > 0; row--, previous += block.PreviousStateStride, state += block.StateStride, hold += block.Noise.StateHoldStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector share = TSimd.Load(hold + u), rest = TSimd.Subtract(TSimd.Broadcast(1f), share);
                TSimd.Store(TSimd.MultiplyAdd(share, TSimd.Load(previous + u), TSimd.Multiply(rest, TSimd.Load(state + u))), state + u);
            }
    }

    /// <summary>From the gradient of hₜ to that of h̃, and to what hₜ₋₁ gets past the cell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ShareGradient<TSimd, TVector>(in CellGradientBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gradient = block.StateGradient, held = block.Noise.HeldGradient, hold = block.Noise.StateHold, carry = block.CarryGradient;
        for (int row = block.Rows; row > 0; row--, gradient += block.StateGradientStride, held += block.Noise.HeldGradientStride, hold += block.Noise.StateHoldStride, carry += block.CarryGradientStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector share = TSimd.Load(hold + u), dState = TSimd.Add(TSimd.Load(gradient + u), TSimd.Load(held + u));
                if (!TCell.HasCarry)
                {
                    // What a cell without a cell state hands back past its product belongs to the hidden state.
                    dState = TSimd.Add(dState, TSimd.Load(carry + u));
                    TSimd.Store(TSimd.Zero, carry + u);
                }
                TSimd.Store(TSimd.Multiply(share, dState), held + u);
                TSimd.Store(TSimd.Multiply(TSimd.Subtract(TSimd.Broadcast(1f), share), dState), gradient + u);
            }
    }
}

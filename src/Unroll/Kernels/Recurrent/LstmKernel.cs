using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>Whether an LSTM's gates see the cell state.</summary>
internal interface IPeepholes
{
    static abstract bool Present { get; }
}

internal readonly struct WithoutPeepholes : IPeepholes { public static bool Present => false; }

internal readonly struct WithPeepholes : IPeepholes { public static bool Present => true; }

/// <summary>
/// LSTM with forget gate (Gers et al. 2000), optionally with peepholes (Gers et al. 2002). Gates in the order i, f, g, o:
/// <code>
/// i = σ(aᵢ + pᵢ ⊙ cₜ₋₁)   f = σ(a_f + p_f ⊙ cₜ₋₁)   g = tanh(a_g)
/// cₜ = f ⊙ cₜ₋₁ + i ⊙ g   o = σ(aₒ + pₒ ⊙ cₜ)       hₜ = o ⊙ tanh(cₜ)
/// </code>
/// </summary>
internal readonly unsafe struct LstmKernel<TPeepholes> : ICellKernel where TPeepholes : struct, IPeepholes
{
    private const int Size = PanelLayout.GroupSize;

    public static int StoredGroups => 4;
    public static int InputFirstGroup => 0;
    public static int InputGroups => 4;
    public static int RecurrentFirstGroup => 0;
    public static int RecurrentGroups => 4;
    public static bool HasCarry => true;
    public static bool HasSecondPhase => false;

    public static void Forward<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates;
        if (TPeepholes.Present) AddPeepholes<TSimd, TVector>(in block);
        GateActivation.Run<SigmoidMap, TSimd, TVector>(default, gates, block.GateStride, block.Rows, 2);
        GateActivation.Run<TanhMap, TSimd, TVector>(default, gates + 2 * Size, block.GateStride, block.Rows, 1);
        NextCarry<TSimd, TVector>(in block);
        GateActivation.Run<SigmoidMap, TSimd, TVector>(default, gates + 3 * Size, block.GateStride, block.Rows, 1);
        NextState<TSimd, TVector>(in block);
    }

    /// <summary>aᵢ += pᵢ ⊙ cₜ₋₁, a_f += p_f ⊙ cₜ₋₁.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddPeepholes<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates, previous = block.PreviousCarry, peepholes = block.Peepholes;
        for (int row = block.Rows; row > 0; row--, gates += block.GateStride, previous += block.PreviousCarryStride, peepholes += block.PeepholeStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector carry = TSimd.Load(previous + u);
                TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(peepholes + u), carry, TSimd.Load(gates + u)), gates + u);
                TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(peepholes + Size + u), carry, TSimd.Load(gates + Size + u)), gates + Size + u);
            }
    }

    /// <summary>cₜ = f ⊙ cₜ₋₁ + i ⊙ g, and with peepholes aₒ += pₒ ⊙ cₜ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void NextCarry<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates, previous = block.PreviousCarry, next = block.Carry, peepholes = block.Peepholes;
        for (int row = block.Rows; row > 0; row--, gates += block.GateStride, previous += block.PreviousCarryStride, next += block.CarryStride, peepholes += block.PeepholeStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector written = TSimd.Multiply(TSimd.Load(gates + u), TSimd.Load(gates + 2 * Size + u));
                TVector carry = TSimd.MultiplyAdd(TSimd.Load(gates + Size + u), TSimd.Load(previous + u), written);
                TSimd.Store(carry, next + u);
                if (TPeepholes.Present)
                    TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(peepholes + 2 * Size + u), carry, TSimd.Load(gates + 3 * Size + u)), gates + 3 * Size + u);
            }
    }

    /// <summary>hₜ = o ⊙ tanh(cₜ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void NextState<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* output = block.Gates + 3 * Size, carry = block.Carry, state = block.State;
        for (int row = block.Rows; row > 0; row--, output += block.GateStride, carry += block.CarryStride, state += block.StateStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
                TSimd.Store(TSimd.Multiply(TSimd.Load(output + u), TanhFunction.Of<TSimd, TVector>(TSimd.Load(carry + u))), state + u);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<TSimd, TVector>(in CellGradientBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates, peepholes = block.Peepholes;
        for (int u = 0; u < 16; u += TSimd.Lanes)
        {
            TVector input = TSimd.Load(gates + u), forget = TSimd.Load(gates + 16 + u);
            TVector candidate = TSimd.Load(gates + 32 + u), output = TSimd.Load(gates + 48 + u);
            TVector previous = TSimd.Load(block.PreviousCarry + u);
            TVector squashed = TanhFunction.Of<TSimd, TVector>(TSimd.Load(block.Carry + u));
            TVector dState = TSimd.Load(block.StateGradient + u);

            TVector dOutput = TSimd.Multiply(TSimd.Multiply(dState, squashed), Slopes.Sigmoid<TSimd, TVector>(output));
            TVector dSquashed = TSimd.Multiply(dState, output);
            TVector dCarry = TSimd.MultiplyAdd(dSquashed, Slopes.Tanh<TSimd, TVector>(squashed), TSimd.Load(block.CarryGradient + u));
            if (TPeepholes.Present) dCarry = TSimd.MultiplyAdd(TSimd.Load(peepholes + 32 + u), dOutput, dCarry);
            TVector dInput = TSimd.Multiply(TSimd.Multiply(dCarry, candidate), Slopes.Sigmoid<TSimd, TVector>(input));
            TVector dForget = TSimd.Multiply(TSimd.Multiply(dCarry, previous), Slopes.Sigmoid<TSimd, TVector>(forget));
            TVector dCandidate = TSimd.Multiply(TSimd.Multiply(dCarry, input), Slopes.Tanh<TSimd, TVector>(candidate));
            TVector dPrevious = TSimd.Multiply(dCarry, forget);
            if (TPeepholes.Present)
            {
                dPrevious = TSimd.MultiplyAdd(TSimd.Load(peepholes + u), dInput, dPrevious);
                dPrevious = TSimd.MultiplyAdd(TSimd.Load(peepholes + 16 + u), dForget, dPrevious);
            }
            TSimd.Store(dInput, gates + u);
            TSimd.Store(dForget, gates + 16 + u);
            TSimd.Store(dCandidate, gates + 32 + u);
            TSimd.Store(dOutput, gates + 48 + u);
            TSimd.Store(dPrevious, block.CarryGradient + u);
        }
    }
}

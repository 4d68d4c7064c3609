using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>Which of its relatives an LSTM is.</summary>
internal interface ILstmForm
{
    /// <summary>Whether the gates see the cell state.</summary>
    static abstract bool HasPeepholes { get; }

    /// <summary>Whether f is 1 − i instead of a gate of its own.</summary>
    static abstract bool IsCoupled { get; }
}

internal readonly struct PlainForm : ILstmForm
{
    public static bool HasPeepholes => false;
    public static bool IsCoupled => false;
}

internal readonly struct PeepholeForm : ILstmForm
{
    public static bool HasPeepholes => true;
    public static bool IsCoupled => false;
}

internal readonly struct CoupledForm : ILstmForm
{
    public static bool HasPeepholes => false;
    public static bool IsCoupled => true;
}

/// <summary>
/// LSTM with forget gate (Gers et al. 2000), with peepholes (Gers et al. 2002) where its form has them. Gates in the order i, f, g, o:
/// <code>
/// i = σ(aᵢ + pᵢ ⊙ cₜ₋₁)   f = σ(a_f + p_f ⊙ cₜ₋₁)   g = tanh(a_g)
/// cₜ = f ⊙ cₜ₋₁ + i ⊙ g   o = σ(aₒ + pₒ ⊙ cₜ)       hₜ = o ⊙ tanh(cₜ)
/// </code>
/// Coupled (Greff et al. 2017), there is no f: gates i, g, o and cₜ = (1 − i) ⊙ cₜ₋₁ + i ⊙ g.
/// </summary>
internal readonly unsafe struct LstmKernel<TForm> : ICellKernel where TForm : struct, ILstmForm
{
    private const int Size = PanelLayout.GroupSize;

    public static int StoredGroups => Output + 1;
    public static int InputFirstGroup => 0;
    public static int InputGroups => Output + 1;
    public static int RecurrentFirstGroup => 0;
    public static int RecurrentGroups => Output + 1;
    public static int UnitWeightGroups => TForm.HasPeepholes ? 3 : 0;
    public static bool HasCarry => true;
    public static bool HasSecondPhase => false;

    /// <summary>Where g and o stand, after i and perhaps f.</summary>
    public static int Candidate => TForm.IsCoupled ? 1 : 2;

    public static int Output => Candidate + 1;

    public static void Forward<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates;
        if (TForm.HasPeepholes) AddPeepholes<TSimd, TVector>(in block);
        GateActivation.Run<SigmoidMap, TSimd, TVector>(default, gates, block.GateStride, block.Rows, Candidate);
        GateActivation.Run<TanhMap, TSimd, TVector>(default, gates + Candidate * Size, block.GateStride, block.Rows, 1);
        NextCarry<TSimd, TVector>(in block);
        GateActivation.Run<SigmoidMap, TSimd, TVector>(default, gates + Output * Size, block.GateStride, block.Rows, 1);
        NextState<TSimd, TVector>(in block);
    }

    /// <summary>aᵢ += pᵢ ⊙ cₜ₋₁, a_f += p_f ⊙ cₜ₋₁.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void AddPeepholes<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates, previous = block.PreviousCarry, peepholes = block.UnitWeights;
        for (int row = block.Rows; row > 0; row--, gates += block.GateStride, previous += block.PreviousCarryStride, peepholes += block.UnitWeightStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector carry = TSimd.Load(previous + u);
                TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(peepholes + u), carry, TSimd.Load(gates + u)), gates + u);
                TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(peepholes + Size + u), carry, TSimd.Load(gates + Size + u)), gates + Size + u);
            }
    }

    /// <summary>f ⊙ cₜ₋₁ + i ⊙ g, coupled cₜ₋₁ + i ⊙ (g − cₜ₋₁).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector CarryOf<TSimd, TVector>(float* gates, TVector candidate, TVector before)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector input = TSimd.Load(gates);
        return TForm.IsCoupled
            ? TSimd.MultiplyAdd(input, TSimd.Subtract(candidate, before), before)
            : TSimd.MultiplyAdd(TSimd.Load(gates + Size), before, TSimd.Multiply(input, candidate));
    }

    /// <summary>cₜ, and with peepholes aₒ += pₒ ⊙ cₜ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void NextCarry<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates, previous = block.PreviousCarry, next = block.Carry, peepholes = block.UnitWeights;
        for (int row = block.Rows; row > 0; row--, gates += block.GateStride, previous += block.PreviousCarryStride, next += block.CarryStride, peepholes += block.UnitWeightStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector carry = CarryOf<TSimd, TVector>(gates + u, TSimd.Load(gates + Candidate * Size + u), TSimd.Load(previous + u));
                TSimd.Store(carry, next + u);
                if (TForm.HasPeepholes)
                    TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(peepholes + 2 * Size + u), carry, TSimd.Load(gates + Output * Size + u)), gates + Output * Size + u);
            }
    }

    /// <summary>hₜ = o ⊙ tanh(cₜ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void NextState<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* output = block.Gates + Output * Size, carry = block.Carry, state = block.State;
        for (int row = block.Rows; row > 0; row--, output += block.GateStride, carry += block.CarryStride, state += block.StateStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
                TSimd.Store(TSimd.Multiply(TSimd.Load(output + u), TanhFunction.Of<TSimd, TVector>(TSimd.Load(carry + u))), state + u);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Backward<TSimd, TVector>(CellGradientBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        for (; block.Rows > 0; block.Advance(1))
        {
            float* gates = block.Gates, peepholes = block.UnitWeights;
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector input = TSimd.Load(gates + u), candidate = TSimd.Load(gates + Candidate * Size + u), output = TSimd.Load(gates + Output * Size + u);
                TVector previous = TSimd.Load(block.PreviousCarry + u);
                TVector squashed = TanhFunction.Of<TSimd, TVector>(TSimd.Load(block.Carry + u));
                TVector dState = TSimd.Load(block.StateGradient + u);

                TVector dOutput = TSimd.Multiply(TSimd.Multiply(dState, squashed), Slopes.Sigmoid<TSimd, TVector>(output));
                TVector dSquashed = TSimd.Multiply(dState, output);
                TVector dCarry = TSimd.MultiplyAdd(dSquashed, Slopes.Tanh<TSimd, TVector>(squashed), TSimd.Load(block.CarryGradient + u));
                if (TForm.HasPeepholes) dCarry = TSimd.MultiplyAdd(TSimd.Load(peepholes + 2 * Size + u), dOutput, dCarry);
                TVector dCandidate = TSimd.Multiply(TSimd.Multiply(dCarry, input), Slopes.Tanh<TSimd, TVector>(candidate));
                // What one more of i changes: coupled, it also takes of the old state.
                TVector written = TForm.IsCoupled ? TSimd.Subtract(candidate, previous) : candidate;
                TVector dInput = TSimd.Multiply(TSimd.Multiply(dCarry, written), Slopes.Sigmoid<TSimd, TVector>(input));
                TVector dPrevious;
                if (TForm.IsCoupled)
                {
                    dPrevious = TSimd.Subtract(dCarry, TSimd.Multiply(dCarry, input));
                }
                else
                {
                    TVector forget = TSimd.Load(gates + Size + u);
                    TVector dForget = TSimd.Multiply(TSimd.Multiply(dCarry, previous), Slopes.Sigmoid<TSimd, TVector>(forget));
                    dPrevious = TSimd.Multiply(dCarry, forget);
                    if (TForm.HasPeepholes)
                    {
                        dPrevious = TSimd.MultiplyAdd(TSimd.Load(peepholes + u), dInput, dPrevious);
                        dPrevious = TSimd.MultiplyAdd(TSimd.Load(peepholes + Size + u), dForget, dPrevious);
                    }
                    TSimd.Store(dForget, gates + Size + u);
                }
                TSimd.Store(dInput, gates + u);
                TSimd.Store(dCandidate, gates + Candidate * Size + u);
                TSimd.Store(dOutput, gates + Output * Size + u);
                TSimd.Store(dPrevious, block.CarryGradient + u);
            }
        }
    }
}

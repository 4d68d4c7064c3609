using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
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
    public static int StoredGroups => 4;
    public static int InputFirstGroup => 0;
    public static int InputGroups => 4;
    public static int RecurrentFirstGroup => 0;
    public static int RecurrentGroups => 4;
    public static bool HasCarry => true;
    public static bool HasSecondPhase => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates, peepholes = block.Peepholes;
        for (int u = 0; u < 16; u += TSimd.Lanes)
        {
            TVector previous = TSimd.Load(block.PreviousCarry + u);
            TVector inputSum = TSimd.Load(gates + u), forgetSum = TSimd.Load(gates + 16 + u), outputSum = TSimd.Load(gates + 48 + u);
            if (TPeepholes.Present)
            {
                inputSum = TSimd.MultiplyAdd(TSimd.Load(peepholes + u), previous, inputSum);
                forgetSum = TSimd.MultiplyAdd(TSimd.Load(peepholes + 16 + u), previous, forgetSum);
            }
            TVector input = SigmoidFunction.Of<TSimd, TVector>(inputSum);
            TVector forget = SigmoidFunction.Of<TSimd, TVector>(forgetSum);
            TVector candidate = TanhFunction.Of<TSimd, TVector>(TSimd.Load(gates + 32 + u));
            TVector carry = TSimd.MultiplyAdd(forget, previous, TSimd.Multiply(input, candidate));
            if (TPeepholes.Present) outputSum = TSimd.MultiplyAdd(TSimd.Load(peepholes + 32 + u), carry, outputSum);
            TVector output = SigmoidFunction.Of<TSimd, TVector>(outputSum);
            TSimd.Store(input, gates + u);
            TSimd.Store(forget, gates + 16 + u);
            TSimd.Store(candidate, gates + 32 + u);
            TSimd.Store(output, gates + 48 + u);
            TSimd.Store(carry, block.Carry + u);
            TSimd.Store(TSimd.Multiply(output, TanhFunction.Of<TSimd, TVector>(carry)), block.State + u);
        }
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

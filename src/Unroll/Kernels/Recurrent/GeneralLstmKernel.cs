using System.Runtime.CompilerServices;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// <see cref="LstmKernel{TForm}"/> with activations chosen at run time, a limit of the cell state and regularisation: σ and tanh
/// are any functions whose slope follows from their value; g is multiplied by its mask; c̃ is the new cell state held within ± the
/// limit (Sak et al. 2014), with no gradient where it was beyond; cₜ = k ⊙ cₜ₋₁ + (1 − k) ⊙ c̃ and h̃ = o ⊙ φ(c̃) (Krueger et al.
/// 2017). The peephole of o sees cₜ.
/// </summary>
internal readonly unsafe struct GeneralLstmKernel<TForm> : ICellKernel where TForm : struct, ILstmForm
{
    private const int Size = PanelLayout.GroupSize;

    public static bool IsGeneral => true;
    public static int StoredGroups => LstmKernel<TForm>.StoredGroups;
    public static int InputFirstGroup => 0;
    public static int InputGroups => StoredGroups;
    public static int RecurrentFirstGroup => 0;
    public static int RecurrentGroups => StoredGroups;
    public static int UnitWeightGroups => LstmKernel<TForm>.UnitWeightGroups;
    public static bool HasCarry => true;
    public static bool HasSecondPhase => false;

    private static int Candidate => LstmKernel<TForm>.Candidate;

    private static int Output => LstmKernel<TForm>.Output;

    public static void Forward<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates;
        CellOptions options = block.Options;
        if (TForm.HasPeepholes) LstmKernel<TForm>.AddPeepholes<TSimd, TVector>(in block);
        CellActivation.Apply<TSimd, TVector>(options.RecurrentActivation, gates, block.GateStride, block.Rows, Candidate);
        CellActivation.Apply<TSimd, TVector>(options.Activation, gates + Candidate * Size, block.GateStride, block.Rows, 1);
        NextCarry<TSimd, TVector>(in block);
        CellActivation.Apply<TSimd, TVector>(options.RecurrentActivation, gates + Output * Size, block.GateStride, block.Rows, 1);
        CellActivation.Apply<TSimd, TVector>(options.Activation, block.State, block.StateStride, block.Rows, 1);
        NextState<TSimd, TVector>(in block);
    }

    /// <summary>cₜ, and c̃ where φ(c̃) will stand; with peepholes aₒ += pₒ ⊙ cₜ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void NextCarry<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates, previous = block.PreviousCarry, next = block.Carry, state = block.State, peepholes = block.UnitWeights;
        float* mask = block.Noise.CandidateMask, hold = block.Noise.CarryHold;
        TVector limit = TSimd.Broadcast(block.Options.Limit);
        for (int row = block.Rows; row > 0; row--, gates += block.GateStride, previous += block.PreviousCarryStride, next += block.CarryStride, state += block.StateStride, peepholes += block.UnitWeightStride, mask += block.Noise.CandidateMaskStride, hold += block.Noise.CarryHoldStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector before = TSimd.Load(previous + u), share = TSimd.Load(hold + u);
                TVector proposed = CellOptions.Within<TSimd, TVector>(limit, Unlimited<TSimd, TVector>(gates + u, mask + u, before));
                TVector carry = TSimd.MultiplyAdd(share, before, TSimd.Multiply(TSimd.Subtract(TSimd.Broadcast(1f), share), proposed));
                TSimd.Store(carry, next + u);
                TSimd.Store(proposed, state + u);
                if (TForm.HasPeepholes)
                    TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(peepholes + 2 * Size + u), carry, TSimd.Load(gates + Output * Size + u)), gates + Output * Size + u);
            }
    }

    /// <summary>The new cell state before the limit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Unlimited<TSimd, TVector>(float* gates, float* mask, TVector before)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        LstmKernel<TForm>.CarryOf<TSimd, TVector>(gates, TSimd.Multiply(TSimd.Load(mask), TSimd.Load(gates + Candidate * Size)), before);

    /// <summary>h̃ = o ⊙ φ(c̃), where φ(c̃) stands already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void NextState<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* output = block.Gates + Output * Size, state = block.State;
        for (int row = block.Rows; row > 0; row--, output += block.GateStride, state += block.StateStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
                TSimd.Store(TSimd.Multiply(TSimd.Load(output + u), TSimd.Load(state + u)), state + u);
    }

    /// <summary>Gradients before the slopes, each 16 floats a row.</summary>
    private struct Gradients
    {
        public float* Squashed, State, Input, Forget, Candidate, Output;
    }

    [SkipLocalsInit]
    public static void Backward<TSimd, TVector>(CellGradientBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        const int each = ICellKernel.GeneralRows * Size;
        float* room = stackalloc float[6 * each];
        var d = new Gradients { Squashed = room, State = room + each, Input = room + 2 * each, Forget = room + 3 * each, Candidate = room + 4 * each, Output = room + 5 * each };
        float* gates = block.Gates;
        int rows = block.Rows;
        CellOptions options = block.Options;
        ProposedCarry<TSimd, TVector>(in block, in d);
        CellActivation.Apply<TSimd, TVector>(options.Activation, d.Squashed, Size, rows, 1);
        OfState<TSimd, TVector>(in block, in d);
        CellActivation.Slope<TSimd, TVector>(options.Activation, d.Squashed, Size, d.State, Size, d.State, Size, rows);
        CellActivation.Slope<TSimd, TVector>(options.RecurrentActivation, gates + Output * Size, block.GateStride, d.Output, Size, d.Output, Size, rows);
        OfCarry<TSimd, TVector>(in block, in d);
        CellActivation.Slope<TSimd, TVector>(options.RecurrentActivation, gates, block.GateStride, d.Input, Size, gates, block.GateStride, rows);
        if (!TForm.IsCoupled)
            CellActivation.Slope<TSimd, TVector>(options.RecurrentActivation, gates + Size, block.GateStride, d.Forget, Size, gates + Size, block.GateStride, rows);
        CellActivation.Slope<TSimd, TVector>(options.Activation, gates + Candidate * Size, block.GateStride, d.Candidate, Size, gates + Candidate * Size, block.GateStride, rows);
        OfPeepholes<TSimd, TVector>(in block, in d);
    }

    /// <summary>c̃ again, where φ(c̃) will stand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ProposedCarry<TSimd, TVector>(in CellGradientBlock block, in Gradients d)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates, previous = block.PreviousCarry, mask = block.Noise.CandidateMask;
        TVector limit = TSimd.Broadcast(block.Options.Limit);
        for (int row = 0; row < block.Rows; row++, gates += block.GateStride, previous += block.PreviousCarryStride, mask += block.Noise.CandidateMaskStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
                TSimd.Store(CellOptions.Within<TSimd, TVector>(limit, Unlimited<TSimd, TVector>(gates + u, mask + u, TSimd.Load(previous + u))), d.Squashed + row * Size + u);
    }

    /// <summary>From dh̃ to what o and φ(c̃) get of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void OfState<TSimd, TVector>(in CellGradientBlock block, in Gradients d)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* output = block.Gates + Output * Size, gradient = block.StateGradient;
        for (int row = 0; row < block.Rows; row++, output += block.GateStride, gradient += block.StateGradientStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TVector dState = TSimd.Load(gradient + u);
                TSimd.Store(TSimd.Multiply(dState, TSimd.Load(d.Squashed + row * Size + u)), d.Output + row * Size + u);
                TSimd.Store(TSimd.Multiply(dState, TSimd.Load(output + u)), d.State + row * Size + u);
            }
    }

    /// <summary>From dcₜ to what i, f, g and cₜ₋₁ get of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void OfCarry<TSimd, TVector>(in CellGradientBlock block, in Gradients d)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates, previous = block.PreviousCarry, gradient = block.CarryGradient, peepholes = block.UnitWeights;
        float* mask = block.Noise.CandidateMask, hold = block.Noise.CarryHold;
        TVector limit = TSimd.Broadcast(block.Options.Limit);
        for (int row = 0; row < block.Rows; row++, gates += block.GateStride, previous += block.PreviousCarryStride, gradient += block.CarryGradientStride, peepholes += block.UnitWeightStride, mask += block.Noise.CandidateMaskStride, hold += block.Noise.CarryHoldStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                int at = row * Size + u;
                TVector before = TSimd.Load(previous + u), input = TSimd.Load(gates + u), keep = TSimd.Load(mask + u), share = TSimd.Load(hold + u);
                TVector candidate = TSimd.Multiply(keep, TSimd.Load(gates + Candidate * Size + u)), dKept = TSimd.Load(gradient + u);
                if (TForm.HasPeepholes) dKept = TSimd.MultiplyAdd(TSimd.Load(peepholes + 2 * Size + u), TSimd.Load(d.Output + at), dKept);
                TVector dCarry = TSimd.MultiplyAdd(TSimd.Subtract(TSimd.Broadcast(1f), share), dKept, TSimd.Load(d.State + at));
                TVector unlimited = Unlimited<TSimd, TVector>(gates + u, mask + u, before);
                TVector beyond = TSimd.BitwiseOr(TSimd.LessThan(limit, unlimited), TSimd.LessThan(unlimited, TSimd.Subtract(TSimd.Zero, limit)));
                dCarry = TSimd.Select(beyond, TSimd.Zero, dCarry);
                TVector dHeld = TSimd.Multiply(share, dKept);
                TSimd.Store(TSimd.Multiply(TSimd.Multiply(dCarry, input), keep), d.Candidate + at);
                TSimd.Store(TSimd.Multiply(dCarry, TForm.IsCoupled ? TSimd.Subtract(candidate, before) : candidate), d.Input + at);
                if (TForm.IsCoupled)
                {
                    TSimd.Store(TSimd.Add(TSimd.Subtract(dCarry, TSimd.Multiply(dCarry, input)), dHeld), gradient + u);
                }
                else
                {
                    TSimd.Store(TSimd.Multiply(dCarry, before), d.Forget + at);
                    TSimd.Store(TSimd.MultiplyAdd(dCarry, TSimd.Load(gates + Size + u), dHeld), gradient + u);
                }
            }
    }

    /// <summary>The gradient of o, now that nobody needs o; and what cₜ₋₁ gets through the peepholes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void OfPeepholes<TSimd, TVector>(in CellGradientBlock block, in Gradients d)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* gates = block.Gates, gradient = block.CarryGradient, peepholes = block.UnitWeights;
        for (int row = 0; row < block.Rows; row++, gates += block.GateStride, gradient += block.CarryGradientStride, peepholes += block.UnitWeightStride)
            for (int u = 0; u < Size; u += TSimd.Lanes)
            {
                TSimd.Store(TSimd.Load(d.Output + row * Size + u), gates + Output * Size + u);
                if (!TForm.HasPeepholes) continue;
                TVector dPrevious = TSimd.MultiplyAdd(TSimd.Load(peepholes + u), TSimd.Load(gates + u), TSimd.Load(gradient + u));
                TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(peepholes + Size + u), TSimd.Load(gates + Size + u), dPrevious), gradient + u);
            }
    }
}

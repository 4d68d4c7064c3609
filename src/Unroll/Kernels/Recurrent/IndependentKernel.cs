using System.Runtime.CompilerServices;
using Unroll.Kernels.Activations;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// The independently recurrent layer (Li et al. 2018): hₜ = φ(a + u ⊙ hₜ₋₁), u held within ± its limit. No product reads the
/// states; the buffer keeps the sum or hₜ, whichever the slope follows from.
/// </summary>
internal readonly unsafe struct IndependentKernel : ICellKernel
{
    private const int Size = PanelLayout.GroupSize;

    public static bool IsGeneral => true;
    public static int StoredGroups => 1;
    public static int InputFirstGroup => 0;
    public static int InputGroups => 1;
    public static int RecurrentFirstGroup => 0;
    public static int RecurrentGroups => 0;
    public static int UnitWeightGroups => 1;
    public static bool HasCarry => false;
    public static bool HasSecondPhase => false;

    public static int RowsAtOnce => 64;

    public static void Forward<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        var forward = new ForwardRows<TSimd, TVector> { Block = block };
        block.Options.Activation.Visit(ref forward);
    }

    public static void Backward<TSimd, TVector>(CellGradientBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        var backward = new BackwardRows<TSimd, TVector> { Block = block };
        block.Options.Activation.Visit(ref backward);
    }

    private struct ForwardRows<TSimd, TVector> : IActivationVisitor where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        public CellBlock Block;

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public void Visit<TKernel>() where TKernel : struct, IActivationKernel
        {
            float* sums = Block.Gates, previous = Block.PreviousState, state = Block.State, weights = Block.UnitWeights;
            nint sumStride = Block.GateStride, previousStride = Block.PreviousStateStride, stateStride = Block.StateStride, weightStride = Block.UnitWeightStride;
            float* mask = MaskOf(in Block.Noise, out nint maskStride);
            TVector limit = TSimd.Broadcast(Block.Options.Limit);
            for (int row = Block.Rows; row > 0; row--, sums += sumStride, previous += previousStride, state += stateStride, weights += weightStride, mask += maskStride)
                for (int u = 0; u < Size; u += TSimd.Lanes)
                {
                    TVector weight = CellOptions.Within<TSimd, TVector>(limit, TSimd.Load(weights + u));
                    TVector sum = TSimd.MultiplyAdd(weight, TSimd.Multiply(TSimd.Load(mask + u), TSimd.Load(previous + u)), TSimd.Load(sums + u));
                    TVector h = TKernel.Forward<TSimd, TVector>(sum);
                    TSimd.Store(h, state + u);
                    TSimd.Store(TKernel.GradientFromOutput ? h : sum, sums + u);
                }
        }
    }

    private struct BackwardRows<TSimd, TVector> : IActivationVisitor where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        public CellGradientBlock Block;

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public void Visit<TKernel>() where TKernel : struct, IActivationKernel
        {
            float* gradient = Block.StateGradient, carry = Block.CarryGradient, gates = Block.Gates, weights = Block.UnitWeights;
            nint gradientStride = Block.StateGradientStride, carryStride = Block.CarryGradientStride, gateStride = Block.GateStride, weightStride = Block.UnitWeightStride;
            float* mask = MaskOf(in Block.Noise, out nint maskStride);
            TVector limit = TSimd.Broadcast(Block.Options.Limit);
            for (int row = Block.Rows; row > 0; row--, gradient += gradientStride, carry += carryStride, gates += gateStride, weights += weightStride, mask += maskStride)
                for (int u = 0; u < Size; u += TSimd.Lanes)
                {
                    TVector weight = CellOptions.Within<TSimd, TVector>(limit, TSimd.Load(weights + u));
                    TVector dState = TSimd.Add(TSimd.Load(gradient + u), TSimd.Load(carry + u));
                    TVector dSum = TSimd.Multiply(TKernel.Gradient<TSimd, TVector>(TSimd.Load(gates + u)), dState);
                    TSimd.Store(dSum, gates + u);
                    TSimd.Store(TSimd.Multiply(TSimd.Multiply(weight, TSimd.Load(mask + u)), dSum), carry + u);
                }
        }
    }

    /// <summary>What the state is multiplied by before u is.</summary>
    private static float* MaskOf(in CellNoise noise, out nint stride)
    {
        stride = noise.StateMask == null ? 0 : noise.StateMaskStride;
        return noise.StateMask == null ? OneRow.Floats : noise.StateMask;
    }
}

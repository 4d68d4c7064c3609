using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>The activation of a simple recurrent layer, with its slope from its output.</summary>
internal interface ISimpleActivation
{
    static abstract TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged;

    static abstract TVector Slope<TSimd, TVector>(TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged;
}

internal readonly struct SimpleTanh : ISimpleActivation
{
    public static TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged => TanhFunction.Of<TSimd, TVector>(x);

    public static TVector Slope<TSimd, TVector>(TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged => Slopes.Tanh<TSimd, TVector>(y);
}

internal readonly struct SimpleSigmoid : ISimpleActivation
{
    public static TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged => SigmoidFunction.Of<TSimd, TVector>(x);

    public static TVector Slope<TSimd, TVector>(TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged => Slopes.Sigmoid<TSimd, TVector>(y);
}

/// <summary>max(x, 0), NaN passing through; slope 0 at 0 as in PyTorch.</summary>
internal readonly struct SimpleRelu : ISimpleActivation
{
    public static TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.Select(TSimd.LessThan(x, TSimd.Zero), TSimd.Zero, x);

    public static TVector Slope<TSimd, TVector>(TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.BitwiseAnd(TSimd.LessThan(TSimd.Zero, y), TSimd.Broadcast(1f));
}

internal readonly struct SimpleLinear : ISimpleActivation
{
    public static TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged => x;

    public static TVector Slope<TSimd, TVector>(TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged => TSimd.Broadcast(1f);
}

/// <summary>The simple recurrent layer (Elman 1990): hₜ = φ(a). Panels are wide: four blocks of 16 units side by side.</summary>
internal readonly unsafe struct SimpleRnnKernel<TActivation> : ICellKernel where TActivation : struct, ISimpleActivation
{
    public static int StoredGroups => 1;
    public static int InputFirstGroup => 0;
    public static int InputGroups => 1;
    public static int RecurrentFirstGroup => 0;
    public static int RecurrentGroups => 1;
    public static bool HasCarry => false;
    public static bool HasSecondPhase => false;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Forward<TSimd, TVector>(in CellBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* sums = block.Gates, state = block.State;
        for (int row = block.Rows; row > 0; row--, sums += block.GateStride, state += block.StateStride)
            for (int u = 0; u < PanelLayout.GroupSize; u += TSimd.Lanes)
                TSimd.Store(TActivation.Of<TSimd, TVector>(TSimd.Load(sums + u)), state + u);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Backward<TSimd, TVector>(CellGradientBlock block)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        for (; block.Rows > 0; block.Advance(1))
        {
            for (int u = 0; u < PanelLayout.GroupSize; u += TSimd.Lanes)
            {
                TVector slope = TActivation.Slope<TSimd, TVector>(TSimd.Load(block.State + u));
                TSimd.Store(TSimd.Multiply(TSimd.Load(block.StateGradient + u), slope), block.Gates + u);
            }
        }
    }
}

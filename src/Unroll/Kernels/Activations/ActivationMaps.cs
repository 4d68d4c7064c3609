using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Activations;

/// <summary>y = f(x), for <see cref="Map"/>.</summary>
internal readonly struct ActivationMap<TKernel> : IMap1 where TKernel : struct, IActivationKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TKernel.Forward<TSimd, TVector>(x);
}

/// <summary>dx = f′(saved) · dy, for <see cref="Map"/> with (saved, dy).</summary>
internal readonly struct ActivationGradientMap<TKernel> : IMap2 where TKernel : struct, IActivationKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector saved, TVector dy) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.Multiply(TKernel.Gradient<TSimd, TVector>(saved), dy);
}

/// <summary>dx + f′(saved) · dy, for <see cref="Map"/> with (saved, dy, dx): the way back where dx already holds something.</summary>
internal readonly struct ActivationGradientAddMap<TKernel> : IMap3 where TKernel : struct, IActivationKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector saved, TVector dy, TVector dx) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.MultiplyAdd(TKernel.Gradient<TSimd, TVector>(saved), dy, dx);
}

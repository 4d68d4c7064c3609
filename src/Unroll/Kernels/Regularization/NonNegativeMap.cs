using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Regularization;

/// <summary>x where it is at least 0 or NaN, else 0.</summary>
internal readonly struct NonNegativeMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.Select(TSimd.LessThan(x, TSimd.Zero), TSimd.Zero, x);
}

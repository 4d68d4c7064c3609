using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Elementary;

/// <summary>
/// cos x within 2 ulp for |x| &lt; 2²⁰; beyond, where neighbouring floats are a sixteenth of a radian or more apart, NaN.
/// </summary>
internal static class CosFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector turns = SinFunction.QuarterTurns<TSimd, TVector>(x);
        TVector quadrant = TSimd.AddBits(turns, TSimd.Broadcast(BitConverter.Int32BitsToSingle(1)));
        return SinFunction.Turned<TSimd, TVector>(x, turns, quadrant);
    }
}

/// <summary><see cref="CosFunction"/> for <see cref="Map"/>.</summary>
internal readonly struct CosMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        CosFunction.Of<TSimd, TVector>(x);
}

using System.Runtime.CompilerServices;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>Applies a function in place to neighbouring groups of 16 numbers, row after row.</summary>
internal static unsafe class GateActivation
{
    /// <param name="map">The function.</param>
    /// <param name="gates">The first row's first group.</param>
    /// <param name="stride">Floats from row to row.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="groups">How many groups of a row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Run<TMap, TSimd, TVector>(TMap map, float* gates, nint stride, int rows, int groups)
        where TMap : struct, IMap1 where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        for (; rows > 0; rows--, gates += stride)
            for (int u = 0; u < groups * PanelLayout.GroupSize; u += TSimd.Lanes)
                TSimd.Store(map.Of<TSimd, TVector>(TSimd.Load(gates + u)), gates + u);
    }
}

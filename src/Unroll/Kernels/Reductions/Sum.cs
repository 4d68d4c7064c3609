using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Reductions;

/// <summary>Σ x[i], in the order of <see cref="LaneSum"/>: the same bits at every vector width.</summary>
internal static unsafe class Sum
{
    /// <summary>The sum; 0 for none.</summary>
    public static double Of(float* x, int length) => LaneSum.Of<Term>(x, length);

    private readonly struct Term : ITerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Add<TSimd, TVector>(TVector sum, TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            TSimd.Add(sum, x);
    }
}

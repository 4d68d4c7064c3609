using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Streaming;

/// <summary>One row times a matrix whose weights are stored in one of several ways.</summary>
internal unsafe interface IStreamProduct
{
    /// <summary>Floats of room that <see cref="Operand"/> needs for a row of this many numbers.</summary>
    static virtual int RoomFor(int count) => 0;

    /// <summary>The row as <see cref="Run"/> reads it: itself, or rewritten into <paramref name="room"/>.</summary>
    static virtual float* Operand(float* x, int count, float* room) => x;

    /// <summary>to = from + x · W for the groups from <paramref name="first"/> up to but without <paramref name="end"/>.</summary>
    /// <param name="matrix">W.</param>
    /// <param name="x">What <see cref="Operand"/> gave.</param>
    /// <param name="from">What the sums start from, group by group where <see cref="StreamMatrix.Targets"/> says.</param>
    /// <param name="to">Where the sums go, in the same places.</param>
    /// <param name="first">An even number.</param>
    /// <param name="end">An even number, or the number of groups.</param>
    static abstract void Run<TSimd, TVector>(StreamMatrix matrix, float* x, float* from, float* to, int first, int end)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged;
}

internal readonly struct Eight : ICount { public static int Value => 8; }

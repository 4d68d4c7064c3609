using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Matrices;

/// <summary>
/// C += A · B for small row-major matrices; A may be read transposed. One fused multiply-add chain an element, over
/// ascending k. Weights go through the panel products instead.
/// </summary>
internal static unsafe class PlainProduct
{
    /// <summary>A(m, k) is at <c>a[m · aRow + k · aStep]</c>; B is [K, N], C is [M, N].</summary>
    public static void Add(float* a, nint aRow, nint aStep, float* b, float* c, int m, int k, int n) =>
        SimdWidth.Run<Kernel, Arguments>(new Arguments { A = a, ARow = aRow, AStep = aStep, B = b, C = c, M = m, K = k, N = n });

    /// <summary>to[n, m] = from[m, n].</summary>
    public static void Transpose(float* from, float* to, int m, int n)
    {
        for (int row = 0; row < m; row++)
            for (int column = 0; column < n; column++) to[(nint)column * m + row] = from[(nint)row * n + column];
    }

    /// <summary>to[n, m] += from[m, n].</summary>
    public static void AddTransposed(float* from, float* to, int m, int n)
    {
        for (int row = 0; row < m; row++)
            for (int column = 0; column < n; column++) to[(nint)column * m + row] += from[(nint)row * n + column];
    }

    private struct Arguments
    {
        public float* A, B, C;
        public nint ARow, AStep;
        public int M, K, N;
    }

    private readonly struct Kernel : ISimdKernel<Arguments>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Arguments arguments) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            int n = arguments.N, count = arguments.K;
            nint step = arguments.AStep;
            for (int row = 0; row < arguments.M; row++)
            {
                float* a = arguments.A + row * arguments.ARow, c = arguments.C + (nint)row * n;
                int column = 0;
                for (; column <= n - TSimd.Lanes; column += TSimd.Lanes)
                {
                    TVector sum = TSimd.Load(c + column);
                    for (int k = 0; k < count; k++)
                        sum = TSimd.MultiplyAdd(TSimd.Broadcast(a[k * step]), TSimd.Load(arguments.B + (nint)k * n + column), sum);
                    TSimd.Store(sum, c + column);
                }
                for (; column < n; column++)
                {
                    float sum = c[column];
                    for (int k = 0; k < count; k++) sum = MathF.FusedMultiplyAdd(a[k * step], arguments.B[(nint)k * n + column], sum);
                    c[column] = sum;
                }
            }
        }
    }
}

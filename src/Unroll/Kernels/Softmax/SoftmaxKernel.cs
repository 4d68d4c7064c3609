using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Reductions;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Softmax;

/// <summary>
/// Softmax and its logarithm over each row of [N, F], with the row's largest number taken off first so that nothing
/// overflows. Sums as in <see cref="RowSum"/>: the same bits at every width. A row that holds NaN becomes NaN.
/// </summary>
internal static unsafe class SoftmaxKernel
{
    private struct Arguments
    {
        public float* X, Y, Dy, Dx;
        public int Rows, Features;
        public bool Logarithm;
    }

    /// <summary>y = e^(x − max) / Σ e^(x − max), or with <paramref name="logarithm"/> x − max − log Σ e^(x − max).</summary>
    public static void Forward(float* x, float* y, int rows, int features, bool logarithm) =>
        SimdWidth.Run<ForwardKernel, Arguments>(new Arguments { X = x, Y = y, Rows = rows, Features = features, Logarithm = logarithm });

    /// <summary>dx += y (dy − Σ dy y), or of the logarithm dx += dy − e^y Σ dy; y is the forward pass's result.</summary>
    public static void Backward(float* y, float* dy, float* dx, int rows, int features, bool logarithm) =>
        SimdWidth.Run<BackwardKernel, Arguments>(new Arguments { Y = y, Dy = dy, Dx = dx, Rows = rows, Features = features, Logarithm = logarithm });

    private readonly struct ForwardKernel : ISimdKernel<Arguments>
    {
        public static void Run<TSimd, TVector>(in Arguments a) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            int features = a.Features;
            for (int row = 0; row < a.Rows; row++)
            {
                float* x = a.X + (nint)row * features, y = a.Y + (nint)row * features;
                float largest = Largest<TSimd, TVector>(x, features);
                Map.Run(new ExpOfDifference(largest), x, y, features);
                float sum = RowSum.Of<TSimd, TVector, FirstTerm>(default, y, y, features);
                if (a.Logarithm) Map.Run(new SubtractTwice(largest, LogFunction.Of<SimdScalar, float>(sum)), x, y, features);
                else Map.Run(new DivideBy(sum), y, y, features);
            }
        }
    }

    private readonly struct BackwardKernel : ISimdKernel<Arguments>
    {
        public static void Run<TSimd, TVector>(in Arguments a) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            int features = a.Features;
            for (int row = 0; row < a.Rows; row++)
            {
                nint offset = (nint)row * features;
                float* y = a.Y + offset, dy = a.Dy + offset, dx = a.Dx + offset;
                if (a.Logarithm)
                    Map.Run(new LogarithmGradient(RowSum.Of<TSimd, TVector, FirstTerm>(default, dy, dy, features)), y, dy, dx, dx, features);
                else
                    Map.Run(new SoftmaxGradient(RowSum.Of<TSimd, TVector, MultiplyMap>(default, dy, y, features)), y, dy, dx, dx, features);
            }
        }
    }

    /// <summary>The largest number of a row; which of several orders found it makes no difference.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Largest<TSimd, TVector>(float* x, int features) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float largest = float.NegativeInfinity;
        int i = 0;
        if (features >= TSimd.Lanes)
        {
            TVector lanes = TSimd.Load(x);
            for (i = TSimd.Lanes; i <= features - TSimd.Lanes; i += TSimd.Lanes)
            {
                TVector next = TSimd.Load(x + i);
                lanes = TSimd.Select(TSimd.LessThan(lanes, next), next, lanes);
            }
            float* found = stackalloc float[16];
            TSimd.Store(lanes, found);
            for (int lane = 0; lane < TSimd.Lanes; lane++) if (found[lane] > largest) largest = found[lane];
        }
        for (; i < features; i++) if (x[i] > largest) largest = x[i];
        return largest;
    }

    private readonly struct FirstTerm : IMap2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector x, TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged => x;
    }

    private readonly struct ExpOfDifference(float largest) : IMap1
    {
        private readonly float _largest = largest;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            ExpFunction.Of<TSimd, TVector>(TSimd.Subtract(x, TSimd.Broadcast(_largest)));
    }

    private readonly struct DivideBy(float divisor) : IMap1
    {
        private readonly float _divisor = divisor;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            TSimd.Divide(x, TSimd.Broadcast(_divisor));
    }

    private readonly struct SubtractTwice(float first, float second) : IMap1
    {
        private readonly float _first = first, _second = second;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            TSimd.Subtract(TSimd.Subtract(x, TSimd.Broadcast(_first)), TSimd.Broadcast(_second));
    }

    private readonly struct SoftmaxGradient(float projection) : IMap3
    {
        private readonly float _projection = projection;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector y, TVector dy, TVector dx) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            TSimd.MultiplyAdd(y, TSimd.Subtract(dy, TSimd.Broadcast(_projection)), dx);
    }

    private readonly struct LogarithmGradient(float sum) : IMap3
    {
        private readonly float _sum = sum;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector y, TVector dy, TVector dx) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            TSimd.Add(dx, TSimd.Subtract(dy, TSimd.Multiply(ExpFunction.Of<TSimd, TVector>(y), TSimd.Broadcast(_sum))));
    }
}

using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Elementwise;

/// <summary>A function y = f(a, b) and its two partial derivatives times dy, written for any vector width.</summary>
internal interface IBinaryFunction
{
    /// <summary>f(a, b).</summary>
    static abstract TVector Of<TSimd, TVector>(TVector a, TVector b)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged;

    /// <summary>dy · ∂f/∂a.</summary>
    static abstract TVector ByFirst<TSimd, TVector>(TVector a, TVector b, TVector dy)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged;

    /// <summary>dy · ∂f/∂b.</summary>
    static abstract TVector BySecond<TSimd, TVector>(TVector a, TVector b, TVector dy)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged;
}

/// <summary>How the second operand meets the first.</summary>
internal enum Broadcast
{
    /// <summary>Element by element.</summary>
    None,

    /// <summary>One row [F] for every row of the first.</summary>
    Row,

    /// <summary>One number for every element of the first.</summary>
    Scalar,
}

/// <summary>
/// y = f(a, b) row by row, b a whole array, one row or one number. The gradient of a broadcast b is summed over the
/// rows in their order, of a single number over all elements in double precision.
/// </summary>
internal static unsafe class BroadcastKernel<TFunction> where TFunction : struct, IBinaryFunction
{
    /// <summary>y = f(a, b) for a [rows, features].</summary>
    public static void Forward(Broadcast broadcast, float* a, float* b, float* y, int rows, int features) =>
        Run(new Arguments { Broadcast = broadcast, A = a, B = b, Y = y, Rows = rows, Features = features });

    /// <summary>da += dy ∂f/∂a and db += Σ dy ∂f/∂b; either may be null.</summary>
    public static void Backward(Broadcast broadcast, float* a, float* b, float* dy, float* da, float* db, int rows, int features) =>
        Run(new Arguments { Broadcast = broadcast, A = a, B = b, Y = dy, Da = da, Db = db, Rows = rows, Features = features, IsBackward = true });

    private static void Run(Arguments arguments)
    {
        if (arguments.Broadcast != Broadcast.Row)
        {
            arguments.Features *= arguments.Rows;
            arguments.Rows = 1;
        }
        SimdWidth.Run<Kernel, Arguments>(in arguments);
    }

    private struct Arguments
    {
        public float* A, B, Y, Da, Db;
        public int Rows, Features;
        public Broadcast Broadcast;
        public bool IsBackward;
    }

    private readonly struct Kernel : ISimdKernel<Arguments>
    {
        public static void Run<TSimd, TVector>(in Arguments arguments)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            bool scalar = arguments.Broadcast == Broadcast.Scalar;
            int features = arguments.Features;
            for (int row = 0; row < arguments.Rows; row++)
            {
                nint offset = (nint)row * features;
                float* a = arguments.A + offset, y = arguments.Y + offset, b = arguments.B;
                if (!arguments.IsBackward)
                {
                    ForwardRow<TSimd, TVector>(a, b, y, features, scalar);
                    continue;
                }
                if (arguments.Da != null) FirstRow<TSimd, TVector>(a, b, y, arguments.Da + offset, features, scalar);
                if (arguments.Db == null) continue;
                if (scalar) SecondScalar(a, *b, y, arguments.Db, features);
                else SecondRow<TSimd, TVector>(a, b, y, arguments.Db, features);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardRow<TSimd, TVector>(float* a, float* b, float* y, int length, bool scalar)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int i = 0;
        for (; i <= length - TSimd.Lanes; i += TSimd.Lanes)
            TSimd.Store(TFunction.Of<TSimd, TVector>(TSimd.Load(a + i), scalar ? TSimd.Broadcast(*b) : TSimd.Load(b + i)), y + i);
        for (; i < length; i++) y[i] = TFunction.Of<SimdScalar, float>(a[i], scalar ? *b : b[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FirstRow<TSimd, TVector>(float* a, float* b, float* dy, float* da, int length, bool scalar)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int i = 0;
        for (; i <= length - TSimd.Lanes; i += TSimd.Lanes)
        {
            TVector gradient = TFunction.ByFirst<TSimd, TVector>(
                TSimd.Load(a + i), scalar ? TSimd.Broadcast(*b) : TSimd.Load(b + i), TSimd.Load(dy + i));
            TSimd.Store(TSimd.Add(TSimd.Load(da + i), gradient), da + i);
        }
        for (; i < length; i++) da[i] += TFunction.ByFirst<SimdScalar, float>(a[i], scalar ? *b : b[i], dy[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SecondRow<TSimd, TVector>(float* a, float* b, float* dy, float* db, int length)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int i = 0;
        for (; i <= length - TSimd.Lanes; i += TSimd.Lanes)
        {
            TVector gradient = TFunction.BySecond<TSimd, TVector>(TSimd.Load(a + i), TSimd.Load(b + i), TSimd.Load(dy + i));
            TSimd.Store(TSimd.Add(TSimd.Load(db + i), gradient), db + i);
        }
        for (; i < length; i++) db[i] += TFunction.BySecond<SimdScalar, float>(a[i], b[i], dy[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SecondScalar(float* a, float b, float* dy, float* db, int length)
    {
        double sum = 0;
        for (int i = 0; i < length; i++) sum += TFunction.BySecond<SimdScalar, float>(a[i], b, dy[i]);
        *db += (float)sum;
    }
}

using System.Runtime.CompilerServices;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

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

    /// <summary>da += dy ∂f/∂a and db += Σ dy ∂f/∂b; either may be null. Where it is the first of a pass, da, or a db of its own shape, is written instead.</summary>
    public static void Backward(
        Broadcast broadcast, float* a, float* b, float* dy, float* da, bool isFirstOfA, float* db, bool isFirstOfB, int rows, int features)
    {
        var arguments = new Arguments { Broadcast = broadcast, A = a, B = b, Y = dy, Da = da, Db = db, Rows = rows, Features = features, IsBackward = true };
        (arguments.WritesA, arguments.WritesB) = (isFirstOfA, isFirstOfB);
        Run(arguments);
    }

    private static void Run(Arguments arguments)
    {
        if (arguments.Broadcast == Broadcast.None)
        {
            int length = arguments.Rows * arguments.Features;
            arguments.Rows = 1;
            TeamKernel.Run<Kernel, Arguments>(in arguments, length, PanelLayout.GroupSize, TeamKernel.OperationsOfElement * length);
            return;
        }
        if (arguments.Broadcast == Broadcast.Scalar) (arguments.Features, arguments.Rows) = (arguments.Rows * arguments.Features, 1);
        SimdWidth.Run<Kernel, Share<Arguments>>(new Share<Arguments>(in arguments, 0, arguments.Features));
    }

    private struct Arguments
    {
        public float* A, B, Y, Da, Db;
        public bool WritesA, WritesB;
        public int Rows, Features;
        public Broadcast Broadcast;
        public bool IsBackward;
    }

    /// <summary>All rows of a share of the columns.</summary>
    private readonly struct Kernel : ISimdKernel<Share<Arguments>>
    {
        public static void Run<TSimd, TVector>(in Share<Arguments> share)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            Arguments arguments = share.Arguments;
            bool scalar = arguments.Broadcast == Broadcast.Scalar;
            int features = share.End - share.First;
            float* b = arguments.B + (scalar ? 0 : share.First), db = arguments.Db == null || scalar ? arguments.Db : arguments.Db + share.First;
            for (int row = 0; row < arguments.Rows; row++)
            {
                nint offset = (nint)row * arguments.Features + share.First;
                float* a = arguments.A + offset, y = arguments.Y + offset;
                if (!arguments.IsBackward)
                {
                    ForwardRow<TSimd, TVector>(a, b, y, features, scalar);
                    continue;
                }
                if (arguments.Da != null) FirstRow<TSimd, TVector>(a, b, y, arguments.Da + offset, features, scalar, arguments.WritesA);
                if (db == null) continue;
                if (scalar) SecondScalar(a, *b, y, db, features);
                else SecondRow<TSimd, TVector>(a, b, y, db, features, arguments.WritesB);
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
    private static void FirstRow<TSimd, TVector>(float* a, float* b, float* dy, float* da, int length, bool scalar, bool writes)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int i = 0;
        for (; i <= length - TSimd.Lanes; i += TSimd.Lanes)
        {
            TVector gradient = TFunction.ByFirst<TSimd, TVector>(
                TSimd.Load(a + i), scalar ? TSimd.Broadcast(*b) : TSimd.Load(b + i), TSimd.Load(dy + i));
            TSimd.Store(writes ? TSimd.Add(TSimd.Zero, gradient) : TSimd.Add(TSimd.Load(da + i), gradient), da + i);
        }
        for (; i < length; i++) da[i] = (writes ? 0f : da[i]) + TFunction.ByFirst<SimdScalar, float>(a[i], scalar ? *b : b[i], dy[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SecondRow<TSimd, TVector>(float* a, float* b, float* dy, float* db, int length, bool writes)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int i = 0;
        for (; i <= length - TSimd.Lanes; i += TSimd.Lanes)
        {
            TVector gradient = TFunction.BySecond<TSimd, TVector>(TSimd.Load(a + i), TSimd.Load(b + i), TSimd.Load(dy + i));
            TSimd.Store(writes ? TSimd.Add(TSimd.Zero, gradient) : TSimd.Add(TSimd.Load(db + i), gradient), db + i);
        }
        for (; i < length; i++) db[i] = (writes ? 0f : db[i]) + TFunction.BySecond<SimdScalar, float>(a[i], b[i], dy[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SecondScalar(float* a, float b, float* dy, float* db, int length)
    {
        double sum = 0;
        for (int i = 0; i < length; i++) sum += TFunction.BySecond<SimdScalar, float>(a[i], b, dy[i]);
        *db += (float)sum;
    }
}

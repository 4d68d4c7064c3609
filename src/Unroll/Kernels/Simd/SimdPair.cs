using System.Runtime.CompilerServices;

namespace Unroll.Kernels.Simd;

/// <summary>Two vectors that are computed with side by side.</summary>
internal readonly struct VectorPair<TVector>(TVector low, TVector high) where TVector : unmanaged
{
    public readonly TVector Low = low, High = high;
}

/// <summary>
/// Two vectors as one of twice the lanes. A function like tanh is one chain of operations, each waiting for the last; two
/// chains in step keep the processor's pipes full where one leaves them idle. Lanes give the same bits as alone.
/// </summary>
internal readonly unsafe struct SimdPair<TSimd, TVector> : ISimd<VectorPair<TVector>>
    where TSimd : struct, ISimd<TVector> where TVector : unmanaged
{
    public static int Lanes => 2 * TSimd.Lanes;

    public static VectorPair<TVector> Zero => new(TSimd.Zero, TSimd.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> Load(float* source) => new(TSimd.Load(source), TSimd.Load(source + TSimd.Lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(VectorPair<TVector> value, float* destination)
    {
        TSimd.Store(value.Low, destination);
        TSimd.Store(value.High, destination + TSimd.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> Broadcast(float value) => new(TSimd.Broadcast(value), TSimd.Broadcast(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> Add(VectorPair<TVector> a, VectorPair<TVector> b) => new(TSimd.Add(a.Low, b.Low), TSimd.Add(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> Subtract(VectorPair<TVector> a, VectorPair<TVector> b) => new(TSimd.Subtract(a.Low, b.Low), TSimd.Subtract(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> Multiply(VectorPair<TVector> a, VectorPair<TVector> b) => new(TSimd.Multiply(a.Low, b.Low), TSimd.Multiply(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> Divide(VectorPair<TVector> a, VectorPair<TVector> b) => new(TSimd.Divide(a.Low, b.Low), TSimd.Divide(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> Minimum(VectorPair<TVector> a, VectorPair<TVector> b) => new(TSimd.Minimum(a.Low, b.Low), TSimd.Minimum(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> Maximum(VectorPair<TVector> a, VectorPair<TVector> b) => new(TSimd.Maximum(a.Low, b.Low), TSimd.Maximum(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> LessThan(VectorPair<TVector> a, VectorPair<TVector> b) => new(TSimd.LessThan(a.Low, b.Low), TSimd.LessThan(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> Equal(VectorPair<TVector> a, VectorPair<TVector> b) => new(TSimd.Equal(a.Low, b.Low), TSimd.Equal(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> BitwiseAnd(VectorPair<TVector> a, VectorPair<TVector> b) => new(TSimd.BitwiseAnd(a.Low, b.Low), TSimd.BitwiseAnd(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> BitwiseOr(VectorPair<TVector> a, VectorPair<TVector> b) => new(TSimd.BitwiseOr(a.Low, b.Low), TSimd.BitwiseOr(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> BitwiseXor(VectorPair<TVector> a, VectorPair<TVector> b) => new(TSimd.BitwiseXor(a.Low, b.Low), TSimd.BitwiseXor(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> AddBits(VectorPair<TVector> a, VectorPair<TVector> b) => new(TSimd.AddBits(a.Low, b.Low), TSimd.AddBits(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> SubtractBits(VectorPair<TVector> a, VectorPair<TVector> b) => new(TSimd.SubtractBits(a.Low, b.Low), TSimd.SubtractBits(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> SquareRoot(VectorPair<TVector> a) => new(TSimd.SquareRoot(a.Low), TSimd.SquareRoot(a.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> BitsToFloat(VectorPair<TVector> a) => new(TSimd.BitsToFloat(a.Low), TSimd.BitsToFloat(a.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> MultiplyAdd(VectorPair<TVector> a, VectorPair<TVector> b, VectorPair<TVector> c) =>
        new(TSimd.MultiplyAdd(a.Low, b.Low, c.Low), TSimd.MultiplyAdd(a.High, b.High, c.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> Select(VectorPair<TVector> mask, VectorPair<TVector> whenTrue, VectorPair<TVector> whenFalse) =>
        new(TSimd.Select(mask.Low, whenTrue.Low, whenFalse.Low), TSimd.Select(mask.High, whenTrue.High, whenFalse.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> ShiftBitsLeft(VectorPair<TVector> a, int count) => new(TSimd.ShiftBitsLeft(a.Low, count), TSimd.ShiftBitsLeft(a.High, count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair<TVector> ShiftBitsRight(VectorPair<TVector> a, int count) => new(TSimd.ShiftBitsRight(a.Low, count), TSimd.ShiftBitsRight(a.High, count));
}

namespace Unroll.Kernels.Simd;

/// <summary>
/// The operations of one vector width. A kernel is written once against this interface as a generic method over
/// (<c>TSimd</c>, <typeparamref name="TVector"/>); the JIT compiles one body a width, with every call inlined. Only
/// operations whose lanes give identical bits at every width are here (no approximate reciprocal, no lane-crossing
/// sum), so a kernel gives the same bits at 512, 256 and 128 bits and for one float at a time.
/// </summary>
/// <remarks>Comparisons return masks: a lane of all ones where true, all zeros where false.</remarks>
internal unsafe interface ISimd<TVector> where TVector : unmanaged
{
    /// <summary>How many floats a vector holds: 16, 8, 4 or 1.</summary>
    static abstract int Lanes { get; }

    static abstract TVector Zero { get; }
    static abstract TVector Load(float* source);
    static abstract void Store(TVector value, float* destination);
    static abstract TVector Broadcast(float value);

    static abstract TVector Add(TVector a, TVector b);
    static abstract TVector Subtract(TVector a, TVector b);
    static abstract TVector Multiply(TVector a, TVector b);
    static abstract TVector Divide(TVector a, TVector b);
    static abstract TVector SquareRoot(TVector a);

    /// <summary>a·b + c, rounded once.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>a where a &lt; b, else b: so b where either is NaN, and b where they are equal (zeros of either sign).</summary>
    static abstract TVector Minimum(TVector a, TVector b);

    /// <summary>a where a &gt; b, else b: so b where either is NaN, and b where they are equal (zeros of either sign).</summary>
    static abstract TVector Maximum(TVector a, TVector b);

    static abstract TVector LessThan(TVector a, TVector b);
    static abstract TVector Equal(TVector a, TVector b);

    /// <summary>Lane by lane: <paramref name="whenTrue"/> where the mask is ones, <paramref name="whenFalse"/> where zeros.</summary>
    static abstract TVector Select(TVector mask, TVector whenTrue, TVector whenFalse);

    static abstract TVector BitwiseAnd(TVector a, TVector b);
    static abstract TVector BitwiseOr(TVector a, TVector b);
    static abstract TVector BitwiseXor(TVector a, TVector b);

    /// <summary>Adds the lanes' bit patterns as 32-bit integers, wrapping.</summary>
    static abstract TVector AddBits(TVector a, TVector b);

    /// <summary>Subtracts the lanes' bit patterns as 32-bit integers, wrapping.</summary>
    static abstract TVector SubtractBits(TVector a, TVector b);

    /// <summary>Shifts each lane's bit pattern left.</summary>
    static abstract TVector ShiftBitsLeft(TVector a, int count);

    /// <summary>Shifts each lane's bit pattern right, keeping the sign.</summary>
    static abstract TVector ShiftBitsRight(TVector a, int count);

    /// <summary>The lanes' bit patterns as signed 32-bit integers, converted to the nearest float.</summary>
    static abstract TVector BitsToFloat(TVector a);
}

using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Elementwise;

/// <summary>x + y.</summary>
internal readonly struct AddMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x, TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.Add(x, y);
}

/// <summary>x · y.</summary>
internal readonly struct MultiplyMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x, TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.Multiply(x, y);
}

/// <summary>x · y + z, rounded once.</summary>
internal readonly struct MultiplyAddMap : IMap3
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x, TVector y, TVector z) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.MultiplyAdd(x, y, z);
}

/// <summary>factor · x + shift, rounded once.</summary>
internal readonly struct ScaleMap(float factor, float shift) : IMap1
{
    private readonly float _factor = factor, _shift = shift;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.MultiplyAdd(x, TSimd.Broadcast(_factor), TSimd.Broadcast(_shift));
}

/// <summary>factor · x + y, rounded once: adds a scaled array into another.</summary>
internal readonly struct AddScaledMap(float factor) : IMap2
{
    private readonly float _factor = factor;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x, TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.MultiplyAdd(x, TSimd.Broadcast(_factor), y);
}

/// <summary>x + c.</summary>
internal readonly struct AddConstantMap(float constant) : IMap1
{
    private readonly float _constant = constant;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.Add(x, TSimd.Broadcast(_constant));
}

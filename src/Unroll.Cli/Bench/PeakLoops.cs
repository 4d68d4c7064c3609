using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Cli.Bench;

/// <summary>What a loop of fused multiply-adds runs on: result = count · x · y in every lane.</summary>
internal readonly unsafe struct PeakArguments(float x, float y, long count, float* result)
{
    public readonly float X = x, Y = y;
    public readonly long Count = count;
    public readonly float* Result = result;
}

/// <summary>8 sums side by side.</summary>
internal readonly unsafe struct PeakLoop8 : ISimdKernel<PeakArguments>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TSimd, TVector>(in PeakArguments arguments)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector x = TSimd.Broadcast(arguments.X), y = TSimd.Broadcast(arguments.Y), start = TSimd.Zero;
        TVector a0 = start, a1 = start, a2 = start, a3 = start, a4 = start, a5 = start, a6 = start, a7 = start;
        for (long n = arguments.Count; n > 0; n--)
        {
            a0 = TSimd.MultiplyAdd(x, y, a0); a1 = TSimd.MultiplyAdd(x, y, a1); a2 = TSimd.MultiplyAdd(x, y, a2);
            a3 = TSimd.MultiplyAdd(x, y, a3); a4 = TSimd.MultiplyAdd(x, y, a4); a5 = TSimd.MultiplyAdd(x, y, a5);
            a6 = TSimd.MultiplyAdd(x, y, a6); a7 = TSimd.MultiplyAdd(x, y, a7);
        }
        a0 = TSimd.Add(a0, a1); a0 = TSimd.Add(a0, a2); a0 = TSimd.Add(a0, a3);
        a0 = TSimd.Add(a0, a4); a0 = TSimd.Add(a0, a5); a0 = TSimd.Add(a0, a6);
        a0 = TSimd.Add(a0, a7);
        TSimd.Store(a0, arguments.Result);
    }
}

/// <summary>12 sums side by side.</summary>
internal readonly unsafe struct PeakLoop12 : ISimdKernel<PeakArguments>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TSimd, TVector>(in PeakArguments arguments)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector x = TSimd.Broadcast(arguments.X), y = TSimd.Broadcast(arguments.Y), start = TSimd.Zero;
        TVector a0 = start, a1 = start, a2 = start, a3 = start, a4 = start, a5 = start, a6 = start, a7 = start, a8 = start, a9 = start, a10 = start, a11 = start;
        for (long n = arguments.Count; n > 0; n--)
        {
            a0 = TSimd.MultiplyAdd(x, y, a0); a1 = TSimd.MultiplyAdd(x, y, a1); a2 = TSimd.MultiplyAdd(x, y, a2);
            a3 = TSimd.MultiplyAdd(x, y, a3); a4 = TSimd.MultiplyAdd(x, y, a4); a5 = TSimd.MultiplyAdd(x, y, a5);
            a6 = TSimd.MultiplyAdd(x, y, a6); a7 = TSimd.MultiplyAdd(x, y, a7); a8 = TSimd.MultiplyAdd(x, y, a8);
            a9 = TSimd.MultiplyAdd(x, y, a9); a10 = TSimd.MultiplyAdd(x, y, a10); a11 = TSimd.MultiplyAdd(x, y, a11);
        }
        a0 = TSimd.Add(a0, a1); a0 = TSimd.Add(a0, a2); a0 = TSimd.Add(a0, a3);
        a0 = TSimd.Add(a0, a4); a0 = TSimd.Add(a0, a5); a0 = TSimd.Add(a0, a6);
        a0 = TSimd.Add(a0, a7); a0 = TSimd.Add(a0, a8); a0 = TSimd.Add(a0, a9);
        a0 = TSimd.Add(a0, a10); a0 = TSimd.Add(a0, a11);
        TSimd.Store(a0, arguments.Result);
    }
}

/// <summary>24 sums side by side.</summary>
internal readonly unsafe struct PeakLoop24 : ISimdKernel<PeakArguments>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TSimd, TVector>(in PeakArguments arguments)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector x = TSimd.Broadcast(arguments.X), y = TSimd.Broadcast(arguments.Y), start = TSimd.Zero;
        TVector a0 = start, a1 = start, a2 = start, a3 = start, a4 = start, a5 = start, a6 = start, a7 = start, a8 = start, a9 = start, a10 = start, a11 = start, a12 = start, a13 = start, a14 = start, a15 = start, a16 = start, a17 = start, a18 = start, a19 = start, a20 = start, a21 = start, a22 = start, a23 = start;
        for (long n = arguments.Count; n > 0; n--)
        {
            a0 = TSimd.MultiplyAdd(x, y, a0); a1 = TSimd.MultiplyAdd(x, y, a1); a2 = TSimd.MultiplyAdd(x, y, a2);
            a3 = TSimd.MultiplyAdd(x, y, a3); a4 = TSimd.MultiplyAdd(x, y, a4); a5 = TSimd.MultiplyAdd(x, y, a5);
            a6 = TSimd.MultiplyAdd(x, y, a6); a7 = TSimd.MultiplyAdd(x, y, a7); a8 = TSimd.MultiplyAdd(x, y, a8);
            a9 = TSimd.MultiplyAdd(x, y, a9); a10 = TSimd.MultiplyAdd(x, y, a10); a11 = TSimd.MultiplyAdd(x, y, a11);
            a12 = TSimd.MultiplyAdd(x, y, a12); a13 = TSimd.MultiplyAdd(x, y, a13); a14 = TSimd.MultiplyAdd(x, y, a14);
            a15 = TSimd.MultiplyAdd(x, y, a15); a16 = TSimd.MultiplyAdd(x, y, a16); a17 = TSimd.MultiplyAdd(x, y, a17);
            a18 = TSimd.MultiplyAdd(x, y, a18); a19 = TSimd.MultiplyAdd(x, y, a19); a20 = TSimd.MultiplyAdd(x, y, a20);
            a21 = TSimd.MultiplyAdd(x, y, a21); a22 = TSimd.MultiplyAdd(x, y, a22); a23 = TSimd.MultiplyAdd(x, y, a23);
        }
        a0 = TSimd.Add(a0, a1); a0 = TSimd.Add(a0, a2); a0 = TSimd.Add(a0, a3);
        a0 = TSimd.Add(a0, a4); a0 = TSimd.Add(a0, a5); a0 = TSimd.Add(a0, a6);
        a0 = TSimd.Add(a0, a7); a0 = TSimd.Add(a0, a8); a0 = TSimd.Add(a0, a9);
        a0 = TSimd.Add(a0, a10); a0 = TSimd.Add(a0, a11); a0 = TSimd.Add(a0, a12);
        a0 = TSimd.Add(a0, a13); a0 = TSimd.Add(a0, a14); a0 = TSimd.Add(a0, a15);
        a0 = TSimd.Add(a0, a16); a0 = TSimd.Add(a0, a17); a0 = TSimd.Add(a0, a18);
        a0 = TSimd.Add(a0, a19); a0 = TSimd.Add(a0, a20); a0 = TSimd.Add(a0, a21);
        a0 = TSimd.Add(a0, a22); a0 = TSimd.Add(a0, a23);
        TSimd.Store(a0, arguments.Result);
    }
}

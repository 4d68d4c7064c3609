using System.Runtime.CompilerServices;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Simd;

/// <summary>A function of one number, written for any vector width. A struct; its fields are the function's constants.</summary>
internal interface IMap1
{
    TVector Of<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged;
}

/// <summary>A function of two numbers, written for any vector width.</summary>
internal interface IMap2
{
    TVector Of<TSimd, TVector>(TVector x, TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged;
}

/// <summary>A function of three numbers, written for any vector width.</summary>
internal interface IMap3
{
    TVector Of<TSimd, TVector>(TVector x, TVector y, TVector z) where TSimd : struct, ISimd<TVector> where TVector : unmanaged;
}

/// <summary>
/// Applies a function to every element, long arrays on several threads. The output may be any of the inputs; other overlap
/// is not allowed.
/// </summary>
internal static unsafe class Map
{
    /// <summary>Threads part at a multiple of a cache line.</summary>
    private const int Unit = 16;

    /// <summary>y[i] = f(x[i]).</summary>
    public static void Run<TMap>(TMap map, float* x, float* output, int length) where TMap : struct, IMap1 =>
        Run<Kernel1<TMap>, TMap>(new Arguments<TMap>(map, x, null, null, output), length);

    /// <summary>output[i] = f(x[i], y[i]).</summary>
    public static void Run<TMap>(TMap map, float* x, float* y, float* output, int length) where TMap : struct, IMap2 =>
        Run<Kernel2<TMap>, TMap>(new Arguments<TMap>(map, x, y, null, output), length);

    /// <summary>output[i] = f(x[i], y[i], z[i]).</summary>
    public static void Run<TMap>(TMap map, float* x, float* y, float* z, float* output, int length) where TMap : struct, IMap3 =>
        Run<Kernel3<TMap>, TMap>(new Arguments<TMap>(map, x, y, z, output), length);

    private static void Run<TKernel, TMap>(in Arguments<TMap> arguments, int length)
        where TKernel : ISimdKernel<Share<Arguments<TMap>>> where TMap : struct =>
        TeamKernel.Run<TKernel, Arguments<TMap>>(in arguments, length, Unit, length * TeamKernel.OperationsOfElement);

    private readonly struct Arguments<TMap>(TMap map, float* x, float* y, float* z, float* output)
    {
        public readonly TMap Map = map;
        public readonly float* X = x, Y = y, Z = z, Output = output;
    }

    private readonly struct Kernel1<TMap> : ISimdKernel<Share<Arguments<TMap>>> where TMap : struct, IMap1
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Share<Arguments<TMap>> share)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            ref readonly Arguments<TMap> arguments = ref share.Arguments;
            TMap map = arguments.Map;
            float* x = arguments.X, output = arguments.Output;
            int end = share.End, i = share.First;
            for (; i <= end - TSimd.Lanes; i += TSimd.Lanes)
                TSimd.Store(map.Of<TSimd, TVector>(TSimd.Load(x + i)), output + i);
            for (; i < end; i++) output[i] = map.Of<SimdScalar, float>(x[i]);
        }
    }

    private readonly struct Kernel2<TMap> : ISimdKernel<Share<Arguments<TMap>>> where TMap : struct, IMap2
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Share<Arguments<TMap>> share)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            ref readonly Arguments<TMap> arguments = ref share.Arguments;
            TMap map = arguments.Map;
            float* x = arguments.X, y = arguments.Y, output = arguments.Output;
            int end = share.End, i = share.First;
            for (; i <= end - TSimd.Lanes; i += TSimd.Lanes)
                TSimd.Store(map.Of<TSimd, TVector>(TSimd.Load(x + i), TSimd.Load(y + i)), output + i);
            for (; i < end; i++) output[i] = map.Of<SimdScalar, float>(x[i], y[i]);
        }
    }

    private readonly struct Kernel3<TMap> : ISimdKernel<Share<Arguments<TMap>>> where TMap : struct, IMap3
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Share<Arguments<TMap>> share)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            ref readonly Arguments<TMap> arguments = ref share.Arguments;
            TMap map = arguments.Map;
            float* x = arguments.X, y = arguments.Y, z = arguments.Z, output = arguments.Output;
            int end = share.End, i = share.First;
            for (; i <= end - TSimd.Lanes; i += TSimd.Lanes)
                TSimd.Store(map.Of<TSimd, TVector>(TSimd.Load(x + i), TSimd.Load(y + i), TSimd.Load(z + i)), output + i);
            for (; i < end; i++) output[i] = map.Of<SimdScalar, float>(x[i], y[i], z[i]);
        }
    }
}

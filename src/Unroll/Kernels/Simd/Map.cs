using System.Runtime.CompilerServices;

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

/// <summary>Applies a function to every element. The output may be any of the inputs; other overlap is not allowed.</summary>
internal static unsafe class Map
{
    /// <summary>y[i] = f(x[i]).</summary>
    public static void Run<TMap>(TMap map, float* x, float* output, int length) where TMap : struct, IMap1 =>
        SimdWidth.Run<Kernel1<TMap>, Arguments<TMap>>(new Arguments<TMap>(map, x, null, null, output, length));

    /// <summary>output[i] = f(x[i], y[i]).</summary>
    public static void Run<TMap>(TMap map, float* x, float* y, float* output, int length) where TMap : struct, IMap2 =>
        SimdWidth.Run<Kernel2<TMap>, Arguments<TMap>>(new Arguments<TMap>(map, x, y, null, output, length));

    /// <summary>output[i] = f(x[i], y[i], z[i]).</summary>
    public static void Run<TMap>(TMap map, float* x, float* y, float* z, float* output, int length) where TMap : struct, IMap3 =>
        SimdWidth.Run<Kernel3<TMap>, Arguments<TMap>>(new Arguments<TMap>(map, x, y, z, output, length));

    private readonly struct Arguments<TMap>(TMap map, float* x, float* y, float* z, float* output, int length)
    {
        public readonly TMap Map = map;
        public readonly float* X = x, Y = y, Z = z, Output = output;
        public readonly int Length = length;
    }

    private readonly struct Kernel1<TMap> : ISimdKernel<Arguments<TMap>> where TMap : struct, IMap1
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Arguments<TMap> arguments)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TMap map = arguments.Map;
            float* x = arguments.X, output = arguments.Output;
            int length = arguments.Length, i = 0;
            for (; i <= length - TSimd.Lanes; i += TSimd.Lanes)
                TSimd.Store(map.Of<TSimd, TVector>(TSimd.Load(x + i)), output + i);
            for (; i < length; i++) output[i] = map.Of<SimdScalar, float>(x[i]);
        }
    }

    private readonly struct Kernel2<TMap> : ISimdKernel<Arguments<TMap>> where TMap : struct, IMap2
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Arguments<TMap> arguments)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TMap map = arguments.Map;
            float* x = arguments.X, y = arguments.Y, output = arguments.Output;
            int length = arguments.Length, i = 0;
            for (; i <= length - TSimd.Lanes; i += TSimd.Lanes)
                TSimd.Store(map.Of<TSimd, TVector>(TSimd.Load(x + i), TSimd.Load(y + i)), output + i);
            for (; i < length; i++) output[i] = map.Of<SimdScalar, float>(x[i], y[i]);
        }
    }

    private readonly struct Kernel3<TMap> : ISimdKernel<Arguments<TMap>> where TMap : struct, IMap3
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Arguments<TMap> arguments)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TMap map = arguments.Map;
            float* x = arguments.X, y = arguments.Y, z = arguments.Z, output = arguments.Output;
            int length = arguments.Length, i = 0;
            for (; i <= length - TSimd.Lanes; i += TSimd.Lanes)
                TSimd.Store(map.Of<TSimd, TVector>(TSimd.Load(x + i), TSimd.Load(y + i), TSimd.Load(z + i)), output + i);
            for (; i < length; i++) output[i] = map.Of<SimdScalar, float>(x[i], y[i], z[i]);
        }
    }
}

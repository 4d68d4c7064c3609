using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Losses;

/// <summary>Adds each row times its own factor: destination[r, c] += scale · factors[r] · source[r, c].</summary>
internal static unsafe class AddScaledRows
{
    /// <summary>Runs over [rows, columns]; a row whose factor is 0 is not read, so that it may hold anything.</summary>
    public static void Run(float* source, float* factors, float scale, float* destination, int rows, int columns) =>
        SimdWidth.Run<Kernel, Arguments>(new Arguments(source, factors, scale, destination, rows, columns));

    private readonly struct Arguments(float* source, float* factors, float scale, float* destination, int rows, int columns)
    {
        public readonly float* Source = source, Factors = factors, Destination = destination;
        public readonly float Scale = scale;
        public readonly int Rows = rows, Columns = columns;
    }

    private readonly struct Kernel : ISimdKernel<Arguments>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Arguments arguments) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            int columns = arguments.Columns;
            for (int r = 0; r < arguments.Rows; r++)
            {
                if (arguments.Factors[r] == 0f) continue;
                float factor = arguments.Factors[r] * arguments.Scale;
                float* source = arguments.Source + (long)r * columns, destination = arguments.Destination + (long)r * columns;
                TVector factors = TSimd.Broadcast(factor);
                int c = 0;
                for (; c <= columns - TSimd.Lanes; c += TSimd.Lanes)
                    TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(source + c), factors, TSimd.Load(destination + c)), destination + c);
                for (; c < columns; c++) destination[c] = SimdScalar.MultiplyAdd(source[c], factor, destination[c]);
            }
        }
    }
}

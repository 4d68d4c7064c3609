using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Losses;

/// <summary>A loss of two outputs a, b (a distribution's parameters) and one target y, for any vector width.</summary>
internal interface IPairLoss
{
    /// <summary>The loss.</summary>
    TVector Value<TSimd, TVector>(TVector a, TVector b, TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged;

    /// <summary>Its derivatives with respect to a and b.</summary>
    void Slopes<TSimd, TVector>(TVector a, TVector b, TVector y, out TVector slopeA, out TVector slopeB) where TSimd : struct, ISimd<TVector> where TVector : unmanaged;
}

/// <summary>Sums and differentiates a loss of pairs. Weights may be null, for ones; an element of weight 0 counts nowhere.</summary>
internal static unsafe class PairLossKernel
{
    private const int Block = 256;

    /// <summary>Σ w_i · value(a_i, b_i, y_i) in double, in a fixed order.</summary>
    public static double Sum<TLoss>(TLoss loss, float* a, float* b, float* y, float* weights, int length) where TLoss : struct, IPairLoss
    {
        float* values = stackalloc float[Block];
        double total = 0;
        for (int start = 0; start < length; start += Block)
        {
            int count = Math.Min(Block, length - start);
            SimdWidth.Run<ValueKernel<TLoss>, Arguments<TLoss>>(new Arguments<TLoss>(loss, a + start, b + start, y + start, null, values, null, 0f, count));
            total += WeightedSum.Of(values, weights is null ? null : weights + start, count);
        }
        return total;
    }

    /// <summary>slopesA_i = scale · w_i · ∂value/∂a, and so for b. They replace what was there.</summary>
    public static void Slopes<TLoss>(TLoss loss, float* a, float* b, float* y, float* weights, float scale, float* slopesA, float* slopesB, int length) where TLoss : struct, IPairLoss =>
        SimdWidth.Run<SlopesKernel<TLoss>, Arguments<TLoss>>(new Arguments<TLoss>(loss, a, b, y, weights, slopesA, slopesB, scale, length));

    private readonly struct Arguments<TLoss>(TLoss loss, float* a, float* b, float* y, float* weights, float* outputA, float* outputB, float scale, int length)
    {
        public readonly TLoss Loss = loss;
        public readonly float* A = a, B = b, Y = y, Weights = weights, OutputA = outputA, OutputB = outputB;
        public readonly float Scale = scale;
        public readonly int Length = length;
    }

    private readonly struct ValueKernel<TLoss> : ISimdKernel<Arguments<TLoss>> where TLoss : struct, IPairLoss
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Arguments<TLoss> arguments) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TLoss loss = arguments.Loss;
            float* a = arguments.A, b = arguments.B, y = arguments.Y, values = arguments.OutputA;
            int i = 0;
            for (; i <= arguments.Length - TSimd.Lanes; i += TSimd.Lanes)
                TSimd.Store(loss.Value<TSimd, TVector>(TSimd.Load(a + i), TSimd.Load(b + i), TSimd.Load(y + i)), values + i);
            for (; i < arguments.Length; i++) values[i] = loss.Value<SimdScalar, float>(a[i], b[i], y[i]);
        }
    }

    private readonly struct SlopesKernel<TLoss> : ISimdKernel<Arguments<TLoss>> where TLoss : struct, IPairLoss
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Arguments<TLoss> arguments) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            int i = 0;
            for (; i <= arguments.Length - TSimd.Lanes; i += TSimd.Lanes) Step<TSimd, TVector>(in arguments, i);
            for (; i < arguments.Length; i++) Step<SimdScalar, float>(in arguments, i);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Step<TSimd, TVector>(in Arguments<TLoss> arguments, int i) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            arguments.Loss.Slopes<TSimd, TVector>(TSimd.Load(arguments.A + i), TSimd.Load(arguments.B + i), TSimd.Load(arguments.Y + i), out TVector slopeA, out TVector slopeB);
            TVector scale = TSimd.Broadcast(arguments.Scale);
            TSimd.Store(TSimd.Multiply(LossArithmetic.Weighted<TSimd, TVector>(slopeA, arguments.Weights, i), scale), arguments.OutputA + i);
            TSimd.Store(TSimd.Multiply(LossArithmetic.Weighted<TSimd, TVector>(slopeB, arguments.Weights, i), scale), arguments.OutputB + i);
        }
    }
}

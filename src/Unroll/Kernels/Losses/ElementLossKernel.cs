using System.Runtime.CompilerServices;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Losses;

/// <summary>A loss of one output x and one target y, for any vector width. A struct; its fields are the constants.</summary>
internal interface IElementLoss
{
    /// <summary>The loss.</summary>
    TVector Value<TSimd, TVector>(TVector x, TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged;

    /// <summary>Its derivative with respect to x.</summary>
    TVector Slope<TSimd, TVector>(TVector x, TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged;
}

/// <summary>Sums and differentiates a loss over arrays. Weights may be null, for ones; an element of weight 0 counts nowhere.</summary>
internal static unsafe class ElementLossKernel
{
    private const int Block = 256;

    /// <summary>Σ w_i · value(x_i, y_i) in double, in a fixed order.</summary>
    public static double Sum<TLoss>(TLoss loss, float* x, float* y, float* weights, int length) where TLoss : struct, IElementLoss
    {
        float* values = stackalloc float[Block];
        double total = 0;
        for (int start = 0; start < length; start += Block)
        {
            int count = Math.Min(Block, length - start);
            SimdWidth.Run<ValueKernel<TLoss>, Arguments<TLoss>>(new Arguments<TLoss>(loss, x + start, y + start, null, values, 0f, count));
            total += WeightedSum.Of(values, weights is null ? null : weights + start, count);
        }
        return total;
    }

    /// <summary>gradient_i += scale · w_i · slope(x_i, y_i).</summary>
    public static void AddSlope<TLoss>(TLoss loss, float* x, float* y, float* weights, float scale, float* gradient, int length) where TLoss : struct, IElementLoss =>
        SimdWidth.Run<SlopeKernel<TLoss>, Arguments<TLoss>>(new Arguments<TLoss>(loss, x, y, weights, gradient, scale, length));

    private readonly struct Arguments<TLoss>(TLoss loss, float* x, float* y, float* weights, float* output, float scale, int length)
    {
        public readonly TLoss Loss = loss;
        public readonly float* X = x, Y = y, Weights = weights, Output = output;
        public readonly float Scale = scale;
        public readonly int Length = length;
    }

    private readonly struct ValueKernel<TLoss> : ISimdKernel<Arguments<TLoss>> where TLoss : struct, IElementLoss
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Arguments<TLoss> arguments) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TLoss loss = arguments.Loss;
            float* x = arguments.X, y = arguments.Y, values = arguments.Output;
            int i = 0;
            for (; i <= arguments.Length - TSimd.Lanes; i += TSimd.Lanes)
                TSimd.Store(loss.Value<TSimd, TVector>(TSimd.Load(x + i), TSimd.Load(y + i)), values + i);
            for (; i < arguments.Length; i++) values[i] = loss.Value<SimdScalar, float>(x[i], y[i]);
        }
    }

    private readonly struct SlopeKernel<TLoss> : ISimdKernel<Arguments<TLoss>> where TLoss : struct, IElementLoss
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
            TVector slope = arguments.Loss.Slope<TSimd, TVector>(TSimd.Load(arguments.X + i), TSimd.Load(arguments.Y + i));
            slope = LossArithmetic.Weighted<TSimd, TVector>(slope, arguments.Weights, i);
            float* gradient = arguments.Output + i;
            TSimd.Store(TSimd.MultiplyAdd(slope, TSimd.Broadcast(arguments.Scale), TSimd.Load(gradient)), gradient);
        }
    }
}

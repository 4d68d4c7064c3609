using System.Runtime.CompilerServices;
using Unroll.Kernels.Reductions;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Regularization;

/// <summary>Σ a·|x| + s·x² over an array, and its slope a·sign(x) + 2s·x (0 at 0).</summary>
internal static unsafe class Penalty
{
    /// <summary>The sum; with gradients also adds the slope to them, in the same pass over memory.</summary>
    /// <param name="x">The numbers.</param>
    /// <param name="gradients">Where the slope is added; null for the sum alone.</param>
    /// <param name="length">How many; zeros of padding add nothing.</param>
    /// <param name="absolute">a.</param>
    /// <param name="square">s.</param>
    public static double Run(float* x, float* gradients, int length, float absolute, float square) => gradients == null
        ? BlockSum.Of(new Value(x, absolute, square), length)
        : BlockSum.Of(new ValueAndSlope(new Value(x, absolute, square), gradients), length);

    /// <summary>gradients += a·sign(x) + 2s·x.</summary>
    public static void AddSlope(float* x, float* gradients, int length, float absolute, float square) =>
        Map.Run(new Slope(absolute, square), x, gradients, gradients, length);

    private readonly struct Value(float* x, float absolute, float square) : IBlockTerm
    {
        public readonly float* X = x;
        public readonly float Absolute = absolute, Square = square;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Add<TSimd, TVector>(TVector sum, nint index) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TVector x = TSimd.Load(X + index), size = TSimd.BitwiseAnd(x, TSimd.Broadcast(BitConverter.Int32BitsToSingle(0x7FFFFFFF)));
            return TSimd.MultiplyAdd(TSimd.MultiplyAdd(TSimd.Broadcast(Square), size, TSimd.Broadcast(Absolute)), size, sum);
        }
    }

    private readonly struct ValueAndSlope(Value value, float* gradients) : IBlockTerm
    {
        private readonly Value _value = value;
        private readonly float* _gradients = gradients;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Add<TSimd, TVector>(TVector sum, nint index) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            var slope = new Slope(_value.Absolute, _value.Square);
            TSimd.Store(slope.Of<TSimd, TVector>(TSimd.Load(_value.X + index), TSimd.Load(_gradients + index)), _gradients + index);
            return _value.Add<TSimd, TVector>(sum, index);
        }
    }

    private readonly struct Slope(float absolute, float square) : IMap2
    {
        private readonly float _absolute = absolute, _twice = 2 * square;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector x, TVector gradient) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TVector one = TSimd.BitwiseOr(TSimd.BitwiseAnd(x, TSimd.Broadcast(-0f)), TSimd.Broadcast(1f));
            TVector sign = TSimd.Select(TSimd.Equal(x, TSimd.Zero), TSimd.Zero, one);
            return TSimd.Add(gradient, TSimd.MultiplyAdd(TSimd.Broadcast(_twice), x, TSimd.Multiply(TSimd.Broadcast(_absolute), sign)));
        }
    }
}

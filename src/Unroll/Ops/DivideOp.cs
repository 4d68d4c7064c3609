using System.Runtime.CompilerServices;
using Unroll.Autograd;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Simd;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>y = a / b, with ∂y/∂b = −a / b²; b may be a row [F] or one number.</summary>
internal static class DivideOp
{
    public static Tensor Of(Tape tape, Tensor a, Tensor b) => BinaryOperation<Function>.Of(tape, "Divide", a, b);

    private readonly struct Function : IBinaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Of<TSimd, TVector>(TVector a, TVector b)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged => TSimd.Divide(a, b);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector ByFirst<TSimd, TVector>(TVector a, TVector b, TVector dy)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged => TSimd.Divide(dy, b);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector BySecond<TSimd, TVector>(TVector a, TVector b, TVector dy)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged => TSimd.Subtract(TSimd.Zero, TSimd.Divide(TSimd.Multiply(dy, TSimd.Divide(a, b)), b));
    }
}

using System.Runtime.CompilerServices;
using Unroll.Autograd;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Simd;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>y = a · b; b may be a row [F] or one number.</summary>
internal static class MultiplyOp
{
    public static Tensor Of(Tape tape, Tensor a, Tensor b) => BinaryOperation<Function>.Of(tape, "Multiply", a, b);

    private readonly struct Function : IBinaryFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Of<TSimd, TVector>(TVector a, TVector b)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged => TSimd.Multiply(a, b);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector ByFirst<TSimd, TVector>(TVector a, TVector b, TVector dy)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged => TSimd.Multiply(dy, b);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector BySecond<TSimd, TVector>(TVector a, TVector b, TVector dy)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged => TSimd.Multiply(dy, a);
    }
}

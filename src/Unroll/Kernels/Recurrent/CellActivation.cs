using System.Runtime.CompilerServices;
using Unroll.Kernels.Activations;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>Activations chosen at run time, once for a block of rows of 16 units.</summary>
internal static unsafe class CellActivation
{
    /// <summary>x = f(x) on neighbouring groups, row after row.</summary>
    public static void Apply<TSimd, TVector>(ActivationKind kind, float* x, nint stride, int rows, int groups)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        var forward = new Forward<TSimd, TVector> { X = x, Stride = stride, Rows = rows, Groups = groups };
        kind.Visit(ref forward);
    }

    /// <summary>target = f′(saved) · gradient, row after row; <paramref name="target"/> may be either of them.</summary>
    /// <param name="kind">f.</param>
    /// <param name="saved">f(x), or x where <see cref="ActivationKinds.GradientFromOutput"/> is false.</param>
    /// <param name="savedStride">Floats from row to row of it.</param>
    /// <param name="gradient">The gradient with respect to f(x).</param>
    /// <param name="gradientStride">Floats from row to row of it.</param>
    /// <param name="target">The gradient with respect to x.</param>
    /// <param name="targetStride">Floats from row to row of it.</param>
    /// <param name="rows">How many rows.</param>
    public static void Slope<TSimd, TVector>(
        ActivationKind kind, float* saved, nint savedStride, float* gradient, nint gradientStride, float* target, nint targetStride, int rows)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        var backward = new Backward<TSimd, TVector>
        {
            Saved = saved,
            SavedStride = savedStride,
            Gradient = gradient,
            GradientStride = gradientStride,
            Target = target,
            TargetStride = targetStride,
            Rows = rows,
        };
        kind.Visit(ref backward);
    }

    private struct Forward<TSimd, TVector> : IActivationVisitor where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        public float* X;
        public nint Stride;
        public int Rows, Groups;

        public void Visit<TKernel>() where TKernel : struct, IActivationKernel =>
            GateActivation.Run<ActivationMap<TKernel>, TSimd, TVector>(default, X, Stride, Rows, Groups);
    }

    private struct Backward<TSimd, TVector> : IActivationVisitor where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        public float* Saved, Gradient, Target;
        public nint SavedStride, GradientStride, TargetStride;
        public int Rows;

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public void Visit<TKernel>() where TKernel : struct, IActivationKernel
        {
            float* saved = Saved, gradient = Gradient, target = Target;
            for (int row = Rows; row > 0; row--, saved += SavedStride, gradient += GradientStride, target += TargetStride)
                for (int u = 0; u < PanelLayout.GroupSize; u += TSimd.Lanes)
                    TSimd.Store(TSimd.Multiply(TKernel.Gradient<TSimd, TVector>(TSimd.Load(saved + u)), TSimd.Load(gradient + u)), target + u);
        }
    }
}

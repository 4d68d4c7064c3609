using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Activations;

/// <summary>An activation of one number and its slope, for any vector width. A new one is one struct that implements this.</summary>
internal interface IActivationKernel
{
    /// <summary>True where <see cref="Gradient{TSimd,TVector}"/> wants the output y, false where it wants the input x: what an operation keeps for the way back.</summary>
    static abstract bool GradientFromOutput { get; }

    /// <summary>y = f(x).</summary>
    static abstract TVector Forward<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged;

    /// <summary>f′, from y or x as <see cref="GradientFromOutput"/> says.</summary>
    static abstract TVector Gradient<TSimd, TVector>(TVector saved) where TSimd : struct, ISimd<TVector> where TVector : unmanaged;
}

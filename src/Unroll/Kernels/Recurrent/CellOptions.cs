using System.Runtime.CompilerServices;
using Unroll.Kernels.Activations;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>What a cell computes where that is not its usual form, for which there are kernels of their own.</summary>
/// <param name="Activation">φ: of the candidate and of the cell state, or of the state of a simple layer.</param>
/// <param name="RecurrentActivation">Of the gates.</param>
/// <param name="Limit">c′ of an LSTM, or u of an independently recurrent layer, is held within ± this.</param>
internal readonly record struct CellOptions(
    ActivationKind Activation, ActivationKind RecurrentActivation = ActivationKind.Sigmoid, float Limit = float.PositiveInfinity)
{
    /// <summary>The usual form.</summary>
    public static CellOptions Usual { get; } = new(ActivationKind.Tanh);

    /// <summary>A number held within ± a limit; NaN passes through.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Within<TSimd, TVector>(TVector limit, TVector x)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.Maximum(TSimd.Subtract(TSimd.Zero, limit), TSimd.Minimum(limit, x));
}

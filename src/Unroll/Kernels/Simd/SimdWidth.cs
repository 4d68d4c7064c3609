using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Unroll.Kernels.Simd;

/// <summary>A kernel written for any vector width; <see cref="SimdWidth.Run{TKernel,TArguments}"/> picks the width.</summary>
internal interface ISimdKernel<TArguments> where TArguments : allows ref struct
{
    /// <summary>The kernel's body.</summary>
    static abstract void Run<TSimd, TVector>(in TArguments arguments)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged;
}

/// <summary>
/// Which vector width the kernels use: the widest that the processor has, or the one that the environment variable
/// <c>UNROLL_SIMD</c> names (<c>512</c>, <c>256</c>, <c>128</c> or <c>scalar</c>). Results are the same bits at every width.
/// </summary>
internal static class SimdWidth
{
    /// <summary>The width in bits in use now: 512, 256, 128, or 32 for the plain form. Tests set it; results do not depend on it.</summary>
    public static int Current { get; set; } = Choose(Environment.GetEnvironmentVariable("UNROLL_SIMD"));

    /// <summary>The width in bits for a value of <c>UNROLL_SIMD</c>; the widest supported for null or an empty value.</summary>
    /// <exception cref="ArgumentException">Another word.</exception>
    public static int Choose(string? wanted) => wanted?.Trim().ToUpperInvariant() switch
    {
        null or "" => Widest,
        "512" => 512,
        "256" => 256,
        "128" => 128,
        "SCALAR" => 32,
        _ => throw new ArgumentException($"UNROLL_SIMD is '{wanted}'; expected 512, 256, 128 or scalar."),
    };

    private static int Widest =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 32;

    /// <summary>Runs a kernel at the current width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TKernel, TArguments>(in TArguments arguments)
        where TKernel : ISimdKernel<TArguments> where TArguments : allows ref struct
    {
        switch (Current)
        {
            case 512: TKernel.Run<Simd512, Vector512<float>>(in arguments); break;
            case 256: TKernel.Run<Simd256, Vector256<float>>(in arguments); break;
            case 128: TKernel.Run<Simd128, Vector128<float>>(in arguments); break;
            default: TKernel.Run<SimdScalar, float>(in arguments); break;
        }
    }
}

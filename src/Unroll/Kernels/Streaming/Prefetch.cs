using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Unroll.Kernels.Layouts;

namespace Unroll.Kernels.Streaming;

/// <summary>
/// Asks for weights before they are needed: a group is a short run, at whose start the processor does not yet see that it
/// goes on. Measured at 256 bits: a quarter less time where the weights lie in the last-level cache, no loss elsewhere.
/// </summary>
internal static unsafe class Prefetch
{
    /// <summary>How many floats ahead: twelve rows of a group.</summary>
    public const int Distance = 12 * PanelLayout.GroupSize;

    /// <summary>Asks for the cache line of an address, which need not exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Line(float* address)
    {
        if (Sse.IsSupported) Sse.Prefetch0(address);
    }
}

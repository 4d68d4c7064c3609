using System.Runtime.CompilerServices;

namespace Unroll.Kernels.Reductions;

/// <summary>The sum of sixteen lanes as a fixed tree, upper half onto lower: the same bits whatever filled the lanes.</summary>
internal static unsafe class LaneTree
{
    public const int Lanes = 16;

    /// <summary>The sum; the lanes are used up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(float* lanes)
    {
        for (int half = Lanes / 2; half > 0; half /= 2)
            for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
        return lanes[0];
    }
}

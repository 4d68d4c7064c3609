using System.Runtime.CompilerServices;
using Unroll.Kernels.Layouts;

namespace Unroll.Kernels.Recurrent;

/// <summary>Reads and writes of 16 units of a row-major row whose last block may have fewer: the rest reads as zero and is not written.</summary>
internal static unsafe class PaddedRow
{
    /// <summary>The source itself where all 16 units exist, otherwise a copy in <paramref name="copy"/> padded with zeros; zeros for null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* Read(float* source, int valid, float* copy)
    {
        if (valid == PanelLayout.GroupSize && source != null) return source;
        Fill(source, valid, copy);
        return copy;
    }

    /// <summary>Copies the units that exist.</summary>
    public static void Fill(float* source, int valid, float* copy)
    {
        for (int u = 0; u < PanelLayout.GroupSize; u++) copy[u] = source != null && u < valid ? source[u] : 0;
    }
}

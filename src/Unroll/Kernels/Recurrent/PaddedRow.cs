using Unroll.Kernels.Layouts;

namespace Unroll.Kernels.Recurrent;

/// <summary>A row-major row whose last block has fewer than 16 units: the rest reads as zero.</summary>
internal static unsafe class PaddedRow
{
    /// <summary>Copies the units that exist, and zeros after them.</summary>
    public static void Fill(float* source, int valid, float* copy)
    {
        for (int u = 0; u < PanelLayout.GroupSize; u++) copy[u] = u < valid ? source[u] : 0;
    }
}

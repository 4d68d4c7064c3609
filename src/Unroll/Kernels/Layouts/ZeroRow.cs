using System.Runtime.InteropServices;

namespace Unroll.Kernels.Layouts;

/// <summary>Sixteen zeros that stay where they are: a state that does not exist, a bias that is not there. Only read.</summary>
internal static unsafe class ZeroRow
{
    public static readonly float* Floats = Allocate();

    private static float* Allocate()
    {
        float* zeros = (float*)NativeMemory.AlignedAlloc(PanelLayout.GroupSize * sizeof(float), 64);
        new Span<float>(zeros, PanelLayout.GroupSize).Clear();
        return zeros;
    }
}

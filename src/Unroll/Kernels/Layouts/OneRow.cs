using System.Runtime.InteropServices;

namespace Unroll.Kernels.Layouts;

/// <summary>Sixteen ones that stay where they are: a mask that lets everything through. Only read.</summary>
internal static unsafe class OneRow
{
    public static readonly float* Floats = Allocate();

    private static float* Allocate()
    {
        float* ones = (float*)NativeMemory.AlignedAlloc(PanelLayout.GroupSize * sizeof(float), 64);
        new Span<float>(ones, PanelLayout.GroupSize).Fill(1);
        return ones;
    }
}

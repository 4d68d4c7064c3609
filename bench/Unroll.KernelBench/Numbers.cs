using Unroll.Basics;
using Unroll.Tensors;

namespace Unroll.KernelBench;

/// <summary>Operands for a kernel.</summary>
internal static unsafe class Numbers
{
    /// <summary>So many numbers in [−1, 1].</summary>
    public static NativeBlock Block(int length)
    {
        var block = new NativeBlock(length);
        Array(length).CopyTo(new Span<float>(block.Pointer, length));
        return block;
    }

    /// <summary>So many numbers in [−1, 1].</summary>
    public static float[] Array(int length)
    {
        var numbers = new float[length];
        var draws = new RandomStream(1, "kernel-bench", 0);
        for (int i = 0; i < length; i++) numbers[i] = draws.Below(20001, i) * 1e-4f - 1f;
        return numbers;
    }
}

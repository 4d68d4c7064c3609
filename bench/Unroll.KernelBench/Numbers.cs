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
        var draws = new RandomStream(1, "kernel-bench", 0);
        for (int i = 0; i < length; i++) block.Pointer[i] = draws.Below(20001, i) * 1e-4f - 1f;
        return block;
    }
}

using System.Runtime.InteropServices;

namespace Unroll.Tensors;

/// <summary>
/// Zeroed native memory for floats, aligned to a cache line, with <see cref="Slack"/> spare floats past its end so
/// that a kernel may read a whole panel row at the last element. Freed when finalised, or by <see cref="Free"/>.
/// </summary>
internal sealed unsafe class NativeBlock
{
    /// <summary>Floats that may be read, and hold no meaning, past <see cref="Capacity"/>.</summary>
    public const int Slack = 64;

    private const nuint Alignment = 64;
    private nint _address;

    public NativeBlock(long capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        nuint bytes = checked((nuint)(capacity + Slack) * sizeof(float));
        bool isLarge = bytes >= HugePages.Size;
        _address = (nint)NativeMemory.AlignedAlloc(bytes, isLarge ? HugePages.Size : Alignment);
        if (isLarge) HugePages.Advise(_address, bytes);
        NativeMemory.Clear((void*)_address, bytes);
        Capacity = capacity;
        GC.AddMemoryPressure((long)bytes);
    }

    /// <summary>How many floats it holds.</summary>
    public long Capacity { get; }

    /// <summary>The first float. Valid only while this object is reachable: whoever computes with it keeps it so.</summary>
    public float* Pointer => (float*)_address;

    /// <summary>Frees the memory now; for an owner who knows that nobody reads it any more. A second call does nothing.</summary>
    public void Free()
    {
        if (_address == 0) return;
        NativeMemory.AlignedFree((void*)_address);
        _address = 0;
        GC.RemoveMemoryPressure((Capacity + Slack) * sizeof(float));
    }

    ~NativeBlock() => Free();
}

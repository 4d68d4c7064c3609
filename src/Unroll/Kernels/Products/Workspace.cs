using System.Runtime.InteropServices;

namespace Unroll.Kernels.Products;

/// <summary>
/// Scratch memory of one thread, by purpose, kept and grown as needed: after warm-up a kernel allocates nothing.
/// The content does not survive from one rental of a slot to the next.
/// </summary>
internal sealed unsafe class Workspace
{
    /// <summary>What the memory is for; two uses alive at once have two slots.</summary>
    public enum Slot
    {
        LeftRows,
        LeftPointers,
        RightPanel,
        StateGradients,
        Attention,
    }

    private const nuint Alignment = 64;

    [ThreadStatic]
    private static Workspace? t_current;

    private static long s_allocated;

    private readonly nint[] _addresses = new nint[Enum.GetValues<Slot>().Length];
    private readonly long[] _bytes = new long[Enum.GetValues<Slot>().Length];

    /// <summary>Bytes held by all threads.</summary>
    public static long AllocatedBytes => Interlocked.Read(ref s_allocated);

    /// <summary>At least <paramref name="length"/> floats, aligned to a cache line, content not set.</summary>
    public static float* Floats(Slot slot, long length) => (float*)(t_current ??= new Workspace()).Rent(slot, length * sizeof(float));

    /// <summary>At least <paramref name="length"/> pointers, content not set.</summary>
    public static float** Pointers(Slot slot, long length) => (float**)(t_current ??= new Workspace()).Rent(slot, length * sizeof(float*));

    /// <summary>Several pieces of one slot, each aligned to a cache line, content not set.</summary>
    public static void Pieces(Slot slot, float** pieces, params ReadOnlySpan<long> lengths)
    {
        long total = 0;
        foreach (long length in lengths) total += Aligned(length);
        float* next = Floats(slot, total);
        for (int i = 0; i < lengths.Length; i++)
        {
            pieces[i] = next;
            next += Aligned(lengths[i]);
        }
    }

    private static long Aligned(long floats) => (floats + 15) / 16 * 16;

    ~Workspace()
    {
        foreach (nint address in _addresses) NativeMemory.AlignedFree((void*)address);
        Interlocked.Add(ref s_allocated, -_bytes.Sum());
    }

    private nint Rent(Slot slot, long bytes)
    {
        int index = (int)slot;
        if (_bytes[index] < bytes || _addresses[index] == 0)
        {
            NativeMemory.AlignedFree((void*)_addresses[index]);
            Interlocked.Add(ref s_allocated, -_bytes[index]);
            _addresses[index] = 0;
            _bytes[index] = 0;
            long grown = Math.Max(bytes + bytes / 4, 4096);
            _addresses[index] = (nint)NativeMemory.AlignedAlloc((nuint)grown, Alignment);
            _bytes[index] = grown;
            Interlocked.Add(ref s_allocated, grown);
        }
        return _addresses[index];
    }
}

using System.Runtime.InteropServices;

namespace Unroll.Tensors;

/// <summary>
/// Asks the system to back large memory with large pages. A layer's gates span thousands of ordinary pages, and the
/// processor's table of addresses holds fewer; a large page counts once for 512 of them. Where the system does not know the
/// request, memory stays as it is.
/// </summary>
internal static partial class HugePages
{
    /// <summary>The size of a large page, and the alignment that memory must have to consist of such.</summary>
    public const int Size = 2 << 20;

    private const int AdviseHugePage = 14; // MADV_HUGEPAGE of Linux

    private static bool s_supported = OperatingSystem.IsLinux();

    /// <summary>Asks for large pages; the address is a multiple of <see cref="Size"/>.</summary>
    public static void Advise(nint address, nuint bytes)
    {
        if (!s_supported) return;
        try
        {
            _ = Advise(address, bytes, AdviseHugePage);
        }
        catch (Exception cause) when (cause is DllNotFoundException or EntryPointNotFoundException)
        {
            s_supported = false;
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint bytes, int advice);
}

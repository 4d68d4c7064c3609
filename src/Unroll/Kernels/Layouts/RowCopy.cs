using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Layouts;

/// <summary>Copies or adds one row of floats; the rows do not overlap.</summary>
internal static unsafe class RowCopy
{
    /// <summary>Rows narrower than this are moved by a plain loop: a call costs more than the move.</summary>
    private const int Narrow = 16;

    /// <summary>to = from.</summary>
    public static void Copy(float* from, float* to, int features)
    {
        if (features < Narrow)
        {
            for (int f = 0; f < features; f++) to[f] = from[f];
            return;
        }
        Buffer.MemoryCopy(from, to, (long)features * sizeof(float), (long)features * sizeof(float));
    }

    /// <summary>to += from.</summary>
    public static void Add(float* from, float* to, int features)
    {
        if (features < Narrow)
        {
            for (int f = 0; f < features; f++) to[f] += from[f];
            return;
        }
        Map.Run(new AddMap(), to, from, to, features);
    }

    /// <summary>to = 0.</summary>
    public static void Clear(float* to, int features) => new Span<float>(to, features).Clear();
}

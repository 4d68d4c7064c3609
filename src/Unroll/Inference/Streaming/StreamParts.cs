using Unroll.Basics;
using Unroll.Kernels.Threading;

namespace Unroll.Inference;

/// <summary>Into how many parts a layer's step is worth dividing.</summary>
internal static class StreamParts
{
    /// <summary>Reading a part's weights should last some times as long as handing the part out.</summary>
    private const double ForksOfPart = 2;

    /// <summary>The least floats of weights that make a part; null for what this machine's costs say. Tests set it, to divide small layers.</summary>
    public static long? LeastFloats { get; set; }

    /// <summary>The parts for a layer's weights, which a step reads once.</summary>
    public static int For(long floats)
    {
        if (Threads.Count == 1) return 1;
        double least = LeastFloats ?? ForksOfPart * TeamCosts.Current.ForkNanoseconds * TeamCosts.Current.SharedBytesPerNanosecond / sizeof(float);
        return (int)Math.Clamp(floats / least, 1, Threads.Count);
    }
}

using Unroll.Basics;

namespace Unroll.Kernels.Attention;

/// <summary>
/// The dropout of attention weights: a weight's fate follows from the stream and (sequence, head, query, key), so that it can be
/// drawn again in the backward pass, and neither padding nor tiles change it.
/// </summary>
internal static class AttentionDraws
{
    /// <summary>The most heads.</summary>
    public const int MaximumHeads = 1 << 16;

    /// <summary>The stream of a head of a sequence.</summary>
    public static RandomStream Of(in RandomStream stream, int sequence, int head) =>
        new(stream.Bits64(((long)sequence << 16) + head), 0UL, stream.Step);

    /// <summary>0 or 1 / (1 − rate) for the keys from a number on, a multiple of 4.</summary>
    public static void Keep(in RandomStream ofPair, int query, int firstKey, float rate, Span<float> mask) =>
        RandomFill.KeepMask(in ofPair, ((long)query << 32) + firstKey, rate, mask);
}

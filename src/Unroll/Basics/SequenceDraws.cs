namespace Unroll.Basics;

/// <summary>
/// Where the draws of a batch's sequences begin in a <see cref="RandomStream"/>: farther apart than a sequence is long, so that
/// neither packing nor the length to which a batch is padded changes a draw.
/// </summary>
internal static class SequenceDraws
{
    /// <summary>The index of a sequence's first draw.</summary>
    /// <param name="sequence">Its place in the batch.</param>
    public static long First(int sequence) => (long)sequence << 32;
}

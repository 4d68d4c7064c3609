using Unroll.Basics;

namespace Unroll.Data;

/// <summary>The order in which an epoch visits examples: a function of seed and epoch alone, so that nothing need be stored.</summary>
internal static class ExampleOrder
{
    private static readonly ulong s_stream = RandomStream.HashName("shuffle");

    /// <summary>Fills with 0 … n−1, shuffled or not.</summary>
    public static void Fill(Span<int> order, bool shuffle, ulong seed, int epoch)
    {
        for (int i = 0; i < order.Length; i++) order[i] = i;
        if (shuffle) new RandomStream(seed, s_stream, epoch).Shuffle(order);
    }
}

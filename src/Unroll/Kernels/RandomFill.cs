using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Unroll.Basics;

namespace Unroll.Kernels;

/// <summary>
/// Many draws of a stream at once. Element i of a span is the draw of index firstIndex + i, so a fill may be cut
/// anywhere and made by any number of threads.
/// </summary>
internal static class RandomFill
{
    /// <summary>values[i] = <see cref="RandomStream.Uniform"/>(firstIndex + i), in [0, 1).</summary>
    public static void Uniform(in RandomStream stream, long firstIndex, Span<float> values) =>
        Fill(stream, firstIndex, values, default(ToUniform));

    /// <summary>values[i] = low + (high − low)·<see cref="RandomStream.Uniform"/>(firstIndex + i).</summary>
    public static void Uniform(in RandomStream stream, long firstIndex, float low, float high, Span<float> values) =>
        Fill(stream, firstIndex, values, new ToRange(low, high - low));

    /// <summary>
    /// Inverted dropout's mask: 0 where <see cref="RandomStream.Uniform"/>(firstIndex + i) is below
    /// <paramref name="dropRate"/>, else 1 / (1 − dropRate), so that the expectation of mask · x is x.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not in [0, 1).</exception>
    public static void KeepMask(in RandomStream stream, long firstIndex, float dropRate, Span<float> mask)
    {
        if (!(dropRate >= 0 && dropRate < 1))
            throw new ArgumentOutOfRangeException(nameof(dropRate), dropRate, "The share of elements dropped must be in [0, 1).");
        Fill(stream, firstIndex, mask, new ToKeep(dropRate, 1f / (1f - dropRate)));
    }

    private interface IWordMap
    {
        float Of(uint bits);
    }

    private readonly struct ToUniform : IWordMap
    {
        public float Of(uint bits) => RandomStream.ToUniform(bits);
    }

    private readonly struct ToRange(float low, float width) : IWordMap
    {
        public float Of(uint bits) => low + width * RandomStream.ToUniform(bits);
    }

    private readonly struct ToKeep(float dropRate, float scale) : IWordMap
    {
        public float Of(uint bits) => RandomStream.ToUniform(bits) < dropRate ? 0f : scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fill<TMap>(RandomStream stream, long firstIndex, Span<float> values, TMap map) where TMap : struct, IWordMap
    {
        ref float value = ref MemoryMarshal.GetReference(values);
        int i = 0;
        for (; i < values.Length && ((firstIndex + i) & 3) != 0; i++)
            Unsafe.Add(ref value, i) = map.Of(stream.Bits(firstIndex + i));
        for (; i <= values.Length - 4; i += 4)
        {
            PhiloxBlock block = stream.Block((firstIndex + i) >> 2);
            Unsafe.Add(ref value, i) = map.Of(block.Word0);
            Unsafe.Add(ref value, i + 1) = map.Of(block.Word1);
            Unsafe.Add(ref value, i + 2) = map.Of(block.Word2);
            Unsafe.Add(ref value, i + 3) = map.Of(block.Word3);
        }
        for (; i < values.Length; i++)
            Unsafe.Add(ref value, i) = map.Of(stream.Bits(firstIndex + i));
    }
}

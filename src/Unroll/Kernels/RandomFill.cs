using System.Runtime.CompilerServices;
using Unroll.Basics;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels;

/// <summary>
/// Many draws of a stream at once. Element i of a span is the draw of index firstIndex + i, so a fill may be cut
/// anywhere and made by any number of threads.
/// </summary>
internal static unsafe class RandomFill
{
    /// <summary>values[i] = <see cref="RandomStream.Uniform"/>(firstIndex + i), in [0, 1).</summary>
    public static void Uniform(in RandomStream stream, long firstIndex, Span<float> values) =>
        Fill(in stream, firstIndex, values, new ToRange(0f, 1f));

    /// <summary>values[i] = low + (high − low)·<see cref="RandomStream.Uniform"/>(firstIndex + i).</summary>
    public static void Uniform(in RandomStream stream, long firstIndex, float low, float high, Span<float> values) =>
        Fill(in stream, firstIndex, values, new ToRange(low, high - low));

    /// <summary>
    /// Inverted dropout's mask: 0 where <see cref="RandomStream.Uniform"/>(firstIndex + i) is below
    /// <paramref name="dropRate"/>, else 1 / (1 − dropRate), so that the expectation of mask · x is x.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not in [0, 1).</exception>
    public static void KeepMask(in RandomStream stream, long firstIndex, float dropRate, Span<float> mask)
    {
        if (!(dropRate >= 0 && dropRate < 1))
            throw new ArgumentOutOfRangeException(nameof(dropRate), dropRate, "The share of elements dropped must be in [0, 1).");
        Fill(in stream, firstIndex, mask, new ToKeep(dropRate, 1f / (1f - dropRate)));
    }

    /// <summary>mask[i] = 1 where <see cref="RandomStream.Uniform"/>(firstIndex + i) is below <paramref name="rate"/>, else 0.</summary>
    public static void HoldMask(in RandomStream stream, long firstIndex, float rate, Span<float> mask) =>
        Fill(in stream, firstIndex, mask, new ToHold(rate));

    /// <summary>
    /// A draw from the normal distribution of mean 0 and deviation 1 (Box and Muller 1958), at most 6.8 from 0. Draws 2k
    /// and 2k + 1 are the cosine and the sine of one radius and angle, made of <see cref="RandomStream.Bits"/> 2k and 2k + 1.
    /// </summary>
    public static float Normal(in RandomStream stream, long index)
    {
        PhiloxBlock block = stream.Block(index >> 2);
        float first = ToOpenUniform(block[index & ~1L]), second = RandomStream.ToUniform(block[index | 1]);
        return (index & 1) == 0
            ? default(NormalCosineMap).Of<SimdScalar, float>(first, second)
            : default(NormalSineMap).Of<SimdScalar, float>(first, second);
    }

    /// <summary>values[i] = mean + deviation · <see cref="Normal(in RandomStream, long)"/>(firstIndex + i).</summary>
    public static void Normal(in RandomStream stream, long firstIndex, float mean, float deviation, Span<float> values)
    {
        const int pairs = 128;
        float* scratch = stackalloc float[4 * pairs];
        float* first = scratch, second = scratch + pairs, cosines = scratch + 2 * pairs, sines = scratch + 3 * pairs;
        int i = 0;
        for (; i < values.Length && ((firstIndex + i) & 3) != 0; i++) values[i] = mean + deviation * Normal(stream, firstIndex + i);
        while (values.Length - i >= 4)
        {
            int count = Math.Min(pairs, (values.Length - i) / 4 * 2);
            for (int pair = 0; pair < count; pair += 2)
            {
                PhiloxBlock block = stream.Block((firstIndex + i + 2 * pair) >> 2);
                first[pair] = ToOpenUniform(block.Word0);
                second[pair] = RandomStream.ToUniform(block.Word1);
                first[pair + 1] = ToOpenUniform(block.Word2);
                second[pair + 1] = RandomStream.ToUniform(block.Word3);
            }
            Map.Run(default(NormalCosineMap), first, second, cosines, count);
            Map.Run(default(NormalSineMap), first, second, sines, count);
            for (int pair = 0; pair < count; pair++)
            {
                values[i + 2 * pair] = mean + deviation * cosines[pair];
                values[i + 2 * pair + 1] = mean + deviation * sines[pair];
            }
            i += 2 * count;
        }
        for (; i < values.Length; i++) values[i] = mean + deviation * Normal(stream, firstIndex + i);
    }

    // The middle of one of 2^32 equal parts of (0, 1): never 0, whose logarithm is infinite. Exact in double, rounded once.
    private static float ToOpenUniform(uint bits) => (float)((bits + 0.5) * (1.0 / (1L << 32)));

    /// <summary>√(−2 log x) · cos 2πy.</summary>
    private readonly struct NormalCosineMap : IMap2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector x, TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            TSimd.Multiply(Radius<TSimd, TVector>(x), CosFunction.Of<TSimd, TVector>(TSimd.Multiply(y, TSimd.Broadcast(MathF.Tau))));
    }

    /// <summary>√(−2 log x) · sin 2πy.</summary>
    private readonly struct NormalSineMap : IMap2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector x, TVector y) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            TSimd.Multiply(Radius<TSimd, TVector>(x), SinFunction.Of<TSimd, TVector>(TSimd.Multiply(y, TSimd.Broadcast(MathF.Tau))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Radius<TSimd, TVector>(TVector x) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.SquareRoot(TSimd.Multiply(TSimd.Broadcast(-2f), LogFunction.Of<TSimd, TVector>(x)));

    /// <summary><see cref="RandomStream.ToUniform"/> of words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Uniform<TSimd, TVector>(TVector words) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector upper = TSimd.BitwiseAnd(TSimd.ShiftBitsRight(words, 8), TSimd.Broadcast(BitConverter.Int32BitsToSingle(0x00FFFFFF)));
        return TSimd.Multiply(TSimd.BitsToFloat(upper), TSimd.Broadcast(1f / (1 << 24)));
    }

    private readonly struct ToRange(float low, float width) : IMap1
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector words) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            TSimd.Add(TSimd.Broadcast(low), TSimd.Multiply(TSimd.Broadcast(width), Uniform<TSimd, TVector>(words)));
    }

    private readonly struct ToKeep(float dropRate, float scale) : IMap1
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector words) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            TSimd.Select(TSimd.LessThan(Uniform<TSimd, TVector>(words), TSimd.Broadcast(dropRate)), TSimd.Zero, TSimd.Broadcast(scale));
    }

    private readonly struct ToHold(float rate) : IMap1
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector words) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            TSimd.BitwiseAnd(TSimd.LessThan(Uniform<TSimd, TVector>(words), TSimd.Broadcast(rate)), TSimd.Broadcast(1f));
    }

    /// <summary>The draws' words, put where the values go, and then the map of each.</summary>
    private static void Fill<TMap>(in RandomStream stream, long firstIndex, Span<float> values, TMap map) where TMap : struct, IMap1
    {
        fixed (float* start = values)
        {
            uint* words = (uint*)start;
            int count = values.Length, i = 0;
            for (; i < count && ((firstIndex + i) & 3) != 0; i++) words[i] = stream.Bits(firstIndex + i);
            int blocks = (count - i) / 4;
            PhiloxWords.Fill((ulong)((firstIndex + i) >> 2), (ulong)stream.Step, stream.Key, words + i, blocks);
            for (i += 4 * blocks; i < count; i++) words[i] = stream.Bits(firstIndex + i);
            Map.Run(map, start, start, count);
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Unroll.Basics;

namespace Unroll.Kernels;

/// <summary>
/// The words of consecutive counters of <see cref="Philox"/>, eight counters side by side where the processor multiplies
/// four 32-bit numbers at once: a round of one counter waits for its products.
/// </summary>
internal static unsafe class PhiloxWords
{
    private const int Together = 8;

    /// <summary>words[4 i …] = the four words of counter (<paramref name="firstCounter"/> + i, <paramref name="counterHigh"/>).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill(ulong firstCounter, ulong counterHigh, ulong key, uint* words, int counters)
    {
        int i = 0;
        if (Avx2.IsSupported)
            for (; i <= counters - Together; i += Together) Eight(firstCounter + (ulong)i, counterHigh, key, words + 4 * (long)i);
        for (; i < counters; i++)
        {
            PhiloxBlock block = Philox.Block(firstCounter + (ulong)i, counterHigh, key);
            uint* to = words + 4 * (long)i;
            (to[0], to[1], to[2], to[3]) = (block.Word0, block.Word1, block.Word2, block.Word3);
        }
    }

    // Every word in the lower half of 64 bits, where a product's factors stand; what the upper half holds is not read.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight(ulong counter, ulong counterHigh, ulong key, uint* words)
    {
        Vector256<ulong> multiplier0 = Vector256.Create((ulong)Philox.Multiplier0), multiplier1 = Vector256.Create((ulong)Philox.Multiplier1);
        Vector256<ulong> a0 = Vector256.Create(counter) + Vector256.Create(0UL, 1, 2, 3), b0 = a0 + Vector256.Create(4UL);
        Vector256<ulong> a1 = a0 >>> 32, b1 = b0 >>> 32;
        Vector256<ulong> a2 = Vector256.Create(counterHigh), b2 = a2, a3 = a2 >>> 32, b3 = a3;
        uint key0 = (uint)key, key1 = (uint)(key >> 32);
        for (int round = 0; round < Philox.Rounds; round++)
        {
            Vector256<ulong> keys0 = Vector256.Create((ulong)key0), keys1 = Vector256.Create((ulong)key1);
            Round(ref a0, ref a1, ref a2, ref a3, multiplier0, multiplier1, keys0, keys1);
            Round(ref b0, ref b1, ref b2, ref b3, multiplier0, multiplier1, keys0, keys1);
            key0 = unchecked(key0 + Philox.Weyl0);
            key1 = unchecked(key1 + Philox.Weyl1);
        }
        Store(a0, a1, a2, a3, words);
        Store(b0, b1, b2, b3, words + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(
        ref Vector256<ulong> c0, ref Vector256<ulong> c1, ref Vector256<ulong> c2, ref Vector256<ulong> c3,
        Vector256<ulong> multiplier0, Vector256<ulong> multiplier1, Vector256<ulong> key0, Vector256<ulong> key1)
    {
        Vector256<ulong> product0 = Avx2.Multiply(multiplier0.AsUInt32(), c0.AsUInt32()), product1 = Avx2.Multiply(multiplier1.AsUInt32(), c2.AsUInt32());
        c0 = (product1 >>> 32) ^ (c1 ^ key0);
        c1 = product1;
        c2 = (product0 >>> 32) ^ (c3 ^ key1);
        c3 = product0;
    }

    /// <summary>Four counters' words, counter by counter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<ulong> c0, Vector256<ulong> c1, Vector256<ulong> c2, Vector256<ulong> c3, uint* words)
    {
        Vector256<ulong> lower = Vector256.Create((ulong)uint.MaxValue);
        Vector256<ulong> first = (c0 & lower) | (c1 << 32), second = (c2 & lower) | (c3 << 32);
        Vector256<ulong> even = Avx2.UnpackLow(first, second), odd = Avx2.UnpackHigh(first, second);
        even.GetLower().AsUInt32().Store(words);
        odd.GetLower().AsUInt32().Store(words + 4);
        even.GetUpper().AsUInt32().Store(words + 8);
        odd.GetUpper().AsUInt32().Store(words + 12);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Streaming;

/// <summary>
/// One row times weights of 8 bits: w ≈ s · q with one scale a column, the largest weight being ±127; x ≈ t · p with one scale
/// a row, the largest number being ±2047. Σ p · q is a sum of whole numbers and therefore exact, in any order and at any vector
/// width (to K = <see cref="MostRows"/> it fits 32 bits); to = from + (s · t) · Σ p · q, rounded once.
/// </summary>
/// <remarks>A row or column that holds NaN or infinity gives NaN.</remarks>
internal readonly unsafe struct Int8Product : IStreamProduct
{
    /// <summary>The largest K whose sums fit 32 bits whatever the numbers.</summary>
    public const int MostRows = int.MaxValue / (127 * 2047);

    private const int Size = PanelLayout.GroupSize;
    private const float LargestWeight = 127, LargestInput = 2047;

    // Numbers that are all smaller than this count as zero: their inverse would overflow.
    private const float Smallest = 1e-30f;

    // Adding this to a float rounds it to a whole number, which is then the sum's bits less the bits of this.
    private const float Rounding = 12582912f;

    /// <summary>Floats of a packed matrix: 16 scales a group, then for each group its pairs of rows, 2 bytes a column.</summary>
    public static long WordsOf(StreamMatrix matrix) => (long)matrix.Count * (Size + RunOf(matrix));

    public static void Pack(StreamMatrix matrix, float* values, float* packed)
    {
        float* scales = packed;
        var bytes = (sbyte*)(packed + matrix.Count * Size);
        for (int group = 0; group < matrix.Count; group++)
        {
            float* from = values + matrix.Sources[group];
            for (int column = 0; column < Size; column++)
            {
                float largest = 0;
                for (int k = 0; k < matrix.Rows; k++) largest = MathF.Max(largest, MathF.Abs(from[k * Size + column])); // NaN wins
                float scale = largest < Smallest ? 0 : float.IsFinite(largest) ? largest / LargestWeight : float.NaN;
                scales[group * Size + column] = scale;
                for (int k = 0; k < matrix.Rows; k++)
                    bytes[(k / 2 * Size + column) * 2 + k % 2] = scale > 0 ? (sbyte)MathF.Round(from[k * Size + column] / scale) : (sbyte)0;
            }
            bytes += RunOf(matrix) * sizeof(float);
        }
    }

    /// <summary>A vector of the scale, then two bytes a number.</summary>
    public static int RoomFor(int count) => Size + (PanelLayout.PadToGroup(count) / 2);

    /// <summary>The row as whole numbers, an even number of them, behind their scale.</summary>
    public static float* Operand(float* x, int count, float* room)
    {
        Vector128<int> top = Vector128<int>.Zero;
        int whole = count - count % 8, bits = 0;
        for (int k = 0; k < whole; k += 4) top = Vector128.Max(top, Vector128.Load((int*)(x + k)) & Vector128.Create(int.MaxValue));
        for (int lane = 0; lane < 4; lane++) bits = Math.Max(bits, top[lane]);
        for (int k = whole; k < count; k++) bits = Math.Max(bits, BitConverter.SingleToInt32Bits(x[k]) & int.MaxValue);
        float largest = BitConverter.Int32BitsToSingle(bits); // NaN has the largest bits
        room[0] = largest < Smallest ? 0 : float.IsFinite(largest) ? largest / LargestInput : float.NaN;

        float inverse = room[0] > 0 ? LargestInput / largest : 0;
        var numbers = (short*)(room + Size);
        for (int k = 0; k < whole; k += 8)
        {
            Vector128<int> low = Whole(Vector128.Load(x + k), inverse), high = Whole(Vector128.Load(x + k + 4), inverse);
            Vector128.Store(Vector128.Narrow(low, high), numbers + k);
        }
        for (int k = whole; k < count; k++) numbers[k] = (short)Whole(Vector128.CreateScalar(x[k]), inverse)[0];
        if (count % 2 == 1) numbers[count] = 0;
        return room;
    }

    public static void Run<TSimd, TVector>(StreamMatrix matrix, float* x, float* from, float* to, int first, int end)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int group = first;
        if (Avx2.IsSupported && TSimd.Lanes >= 8)
        {
            for (; group <= end - 4; group += 4) FourGroups(matrix, x, from, to, group);
        }
        for (; group < end; group++) OneGroup<TSimd, TVector>(matrix, x, from, to, group);
    }

    private static int RunOf(StreamMatrix matrix) => (matrix.Rows + 1) / 2 * Size * 2 / sizeof(float);

    private static Vector128<int> Whole(Vector128<float> x, float inverse) => inverse == 0
        ? Vector128<int>.Zero
        : Vector128.FusedMultiplyAdd(x, Vector128.Create(inverse), Vector128.Create(Rounding)).AsInt32() - Vector128.Create(Rounding).AsInt32();

    private static void OneGroup<TSimd, TVector>(StreamMatrix matrix, float* x, float* from, float* to, int group)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int* sums = stackalloc int[Size];
        new Span<int>(sums, Size).Clear();
        var numbers = (short*)(x + Size);
        var bytes = (sbyte*)(matrix.Weights + matrix.Count * Size + (nint)group * RunOf(matrix));
        int pairs = (matrix.Rows + 1) / 2;
        for (int pair = 0; pair < pairs; pair++, numbers += 2, bytes += 2 * Size)
            for (int column = 0; column < Size; column++)
                sums[column] += numbers[0] * bytes[2 * column] + numbers[1] * bytes[2 * column + 1];
        for (int column = 0; column < Size; column += TSimd.Lanes)
        {
            int at = matrix.Targets[group] + column;
            TVector scale = TSimd.Multiply(TSimd.Load(matrix.Weights + group * Size + column), TSimd.Broadcast(*x));
            TSimd.Store(TSimd.MultiplyAdd(TSimd.BitsToFloat(TSimd.Load((float*)sums + column)), scale, TSimd.Load(from + at)), to + at);
        }
    }

    /// <summary>Four groups side by side: eight vectors of sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void FourGroups(StreamMatrix matrix, float* x, float* from, float* to, int group)
    {
        nint run = (nint)RunOf(matrix) * sizeof(float), pairs = (matrix.Rows + 1) / 2;
        var w0 = (sbyte*)(matrix.Weights + matrix.Count * Size) + group * run;
        sbyte* w1 = w0 + run, w2 = w1 + run, w3 = w2 + run;
        var numbers = (int*)(x + Size);
        Vector256<int> c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
        nint at = 0;
        for (nint pair = 0; pair < pairs; pair++)
        {
            Vector256<short> value = Vector256.Create(numbers[pair]).AsInt16();
            c0 = Avx2.Add(c0, Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(w0 + at), value));
            c1 = Avx2.Add(c1, Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(w0 + at + Size), value));
            c2 = Avx2.Add(c2, Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(w1 + at), value));
            c3 = Avx2.Add(c3, Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(w1 + at + Size), value));
            c4 = Avx2.Add(c4, Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(w2 + at), value));
            c5 = Avx2.Add(c5, Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(w2 + at + Size), value));
            c6 = Avx2.Add(c6, Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(w3 + at), value));
            c7 = Avx2.Add(c7, Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(w3 + at + Size), value));
            at += 2 * Size;
        }
        float* scales = matrix.Weights + group * Size;
        int* targets = matrix.Targets;
        Finish(c0, c1, scales, *x, from + targets[group], to + targets[group]);
        Finish(c2, c3, scales + Size, *x, from + targets[group + 1], to + targets[group + 1]);
        Finish(c4, c5, scales + 2 * Size, *x, from + targets[group + 2], to + targets[group + 2]);
        Finish(c6, c7, scales + 3 * Size, *x, from + targets[group + 3], to + targets[group + 3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(Vector256<int> low, Vector256<int> high, float* scales, float inputScale, float* from, float* to)
    {
        Vector256<float> input = Vector256.Create(inputScale);
        Vector256<float> first = Vector256.Load(scales) * input, second = Vector256.Load(scales + 8) * input;
        Vector256.Store(Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(low), first, Vector256.Load(from)), to);
        Vector256.Store(Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(high), second, Vector256.Load(from + 8)), to + 8);
    }
}

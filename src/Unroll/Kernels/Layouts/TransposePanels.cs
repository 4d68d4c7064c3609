using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Layouts;

/// <summary>
/// Writes the transpose of a panel matrix as a wide panel matrix: reduction over the stored columns in storage order
/// (panel, group, unit), output over the K rows. Backward products read it: dX = dY · Wᵀ. A block of 16 rows of one group
/// lies together in both, so that the transpose is one of blocks of 16 by 16.
/// </summary>
internal static unsafe class TransposePanels
{
    private const int Size = PanelLayout.GroupSize;

    /// <summary>Moving a number costs about as much as this many operations of a product.</summary>
    private const double OperationsOfMove = 8;

    /// <summary>The layout of the transpose.</summary>
    public static PanelLayout LayoutOf(PanelLayout source) => new(source.StoredColumns, 1, source.Rows);

    /// <summary>Transposes; the result is laid out as <see cref="LayoutOf"/> the source.</summary>
    public static void Run(PanelLayout source, float* from, float* to) =>
        ThreadTeam.Run(new Work { Source = source, From = from, To = to }, TeamParts.For(OperationsOfMove * source.StorageLength));

    /// <summary>Each thread writes some of the target's groups.</summary>
    private struct Work : ITeamWork
    {
        public PanelLayout Source;
        public float* From, To;

        public readonly void Part(int part, int parts)
        {
            (int first, int end) = TeamParts.Range(part, parts, Source.Rows, Size);
            Blocks(From, Source.GroupStride, Source.StoredColumns / Size, To, first, end);
        }
    }

    /// <summary>Transposes <paramref name="rows"/> rows that lie in groups of 16 columns into groups of 16 rows.</summary>
    public static void Blocks(float* from, nint groupStride, int rows, int groups, float* to) => Blocks(from, groupStride, groups, to, 0, rows);

    /// <summary>Rows <paramref name="first"/>, a multiple of 16, up to, without, <paramref name="end"/>.</summary>
    private static void Blocks(float* from, nint groupStride, int groups, float* to, int first, int end)
    {
        for (int row = first; row < end; row += Size)
        {
            float* column = to + (nint)row * groups * Size, block = from + (nint)row * Size;
            int count = Math.Min(Size, end - row);
            for (int group = 0; group < groups; group++, column += Size * Size, block += groupStride)
            {
                if (count == Size) WholeBlock(block, column);
                else PartialBlock(block, column, count);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WholeBlock(float* from, float* to)
    {
        if (!Sse.IsSupported)
        {
            PartialBlock(from, to, Size);
            return;
        }
        for (int row = 0; row < Size; row += 4)
            for (int column = 0; column < Size; column += 4)
            {
                float* source = from + row * Size + column, target = to + column * Size + row;
                Vector128<float> a = Vector128.Load(source), b = Vector128.Load(source + Size);
                Vector128<float> c = Vector128.Load(source + 2 * Size), d = Vector128.Load(source + 3 * Size);
                Vector128<float> ab = Sse.UnpackLow(a, b), cd = Sse.UnpackLow(c, d);
                Vector128.Store(Sse.MoveLowToHigh(ab, cd), target);
                Vector128.Store(Sse.MoveHighToLow(cd, ab), target + Size);
                (ab, cd) = (Sse.UnpackHigh(a, b), Sse.UnpackHigh(c, d));
                Vector128.Store(Sse.MoveLowToHigh(ab, cd), target + 2 * Size);
                Vector128.Store(Sse.MoveHighToLow(cd, ab), target + 3 * Size);
            }
    }

    /// <summary>Fewer than 16 rows; what is past the last becomes zero.</summary>
    private static void PartialBlock(float* from, float* to, int count)
    {
        for (int column = 0; column < Size; column++, to += Size)
        {
            for (int row = 0; row < count; row++) to[row] = from[row * Size + column];
            for (int row = count; row < Size; row++) to[row] = 0;
        }
    }
}

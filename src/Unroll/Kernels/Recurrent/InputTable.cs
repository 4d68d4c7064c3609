using System.Runtime.CompilerServices;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// Inputs that are rows of a small table (KERNELS.md 5): the input product is computed once for each of its V rows and copied to
/// the steps that read it; backward, the gates' gradients are summed by row first, so that the products for the table and
/// the input weights have V rows, however many steps there are.
/// </summary>
internal unsafe struct InputTable
{
    /// <summary>A copied and a summed row cost about as much as this part of its products.</summary>
    private const int LeastUses = 4;

    /// <summary>For each packed row of the sequence its row of the table; null where the inputs are no table's.</summary>
    public float* Ids;

    /// <summary>V, rows of the table.</summary>
    public int Vocabulary;

    /// <summary>The table [V, I], row-major.</summary>
    public float* Rows;

    /// <summary>Bias plus row · W for each row: the groups of a block side by side, block after block, <see cref="RowStride"/> floats a row.</summary>
    public float* Products;

    /// <summary>The gates' gradients summed by row of the table, laid out like <see cref="Products"/>.</summary>
    public float* GradientSums;

    public nint RowStride;

    public readonly bool IsUsed => Ids != null;

    /// <summary>Whether rows come up often enough; decided by the sizes alone, since it fixes the order in which gradients are summed.</summary>
    public static bool IsWorthMaking(int vocabulary, int rows) => vocabulary <= rows / LeastUses;

    /// <summary>Copies the products of a step's packed rows to a thread's blocks of the gates.</summary>
    /// <param name="sweep">Whose gates, and which blocks.</param>
    /// <param name="first">The first packed row.</param>
    /// <param name="end">The row after the last.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Copy<TCell, TSimd, TVector>(in SweepArguments sweep, nint first, nint end)
        where TCell : struct, ICellKernel where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        Runs<TCell>(sweep.FirstBlock, sweep.EndBlock, out int runs, out nint length);
        nint block = (nint)TCell.InputGroups * PanelLayout.GroupSize;
        for (nint row = first; row < end; row++)
        {
            float* from = Products + (nint)Ids[row] * RowStride + sweep.FirstBlock * block;
            float* to = GatesOf<TCell>(in sweep, row, sweep.FirstBlock);
            for (int run = 0; run < runs; run++, from += length, to += sweep.GateBlockStride)
                for (nint i = 0; i < length; i += TSimd.Lanes) TSimd.Store(TSimd.Load(from + i), to + i);
        }
    }

    /// <summary>Sets a thread's rows of the sums to zero.</summary>
    public readonly void Clear(TeamMember member)
    {
        (int first, int end) = TeamParts.Range(member.Part, member.Parts, Vocabulary, 1);
        new Span<float>(GradientSums + first * RowStride, (int)((end - first) * RowStride)).Clear();
    }

    /// <summary>Adds the gates' gradients of packed rows, ascending, to a thread's columns of the sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Add<TCell, TSimd, TVector>(in SweepArguments sweep, nint first, nint end, TeamMember member)
        where TCell : struct, ICellKernel where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        (int firstBlock, int endBlock) = TeamParts.Range(member.Part, member.Parts, sweep.BlockCount, 1);
        Runs<TCell>(firstBlock, endBlock, out int runs, out nint length);
        nint block = (nint)TCell.InputGroups * PanelLayout.GroupSize;
        for (nint row = first; row < end; row++)
        {
            float* to = GradientSums + (nint)Ids[row] * RowStride + firstBlock * block;
            float* from = GatesOf<TCell>(in sweep, row, firstBlock);
            for (int run = 0; run < runs; run++, to += length, from += sweep.GateBlockStride)
                for (nint i = 0; i < length; i += TSimd.Lanes) TSimd.Store(TSimd.Add(TSimd.Load(to + i), TSimd.Load(from + i)), to + i);
        }
    }

    /// <summary>How many floats lie together: all blocks where the gates hold nothing but what the input product fills, else one block.</summary>
    private static void Runs<TCell>(int firstBlock, int endBlock, out int runs, out nint length) where TCell : struct, ICellKernel
    {
        bool oneRun = TCell.InputGroups == TCell.StoredGroups;
        int blocks = endBlock - firstBlock;
        runs = oneRun ? Math.Min(blocks, 1) : blocks;
        length = (nint)TCell.InputGroups * PanelLayout.GroupSize * (oneRun ? blocks : 1);
    }

    private static float* GatesOf<TCell>(in SweepArguments sweep, nint row, int block) where TCell : struct, ICellKernel =>
        sweep.Gates + row * sweep.GateRowStride + block * sweep.GateBlockStride + TCell.InputFirstGroup * PanelLayout.GroupSize;
}

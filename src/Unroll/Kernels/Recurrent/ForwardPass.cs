using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// A layer's forward pass: for each chunk of time the product of the inputs with their weights, then the sweep, on the
/// rows or units of one thread; what it wrote it reads again itself.
/// </summary>
internal readonly unsafe struct ForwardPass<TCell> : ISimdKernel<PassArguments> where TCell : struct, ICellKernel
{
    private const int Size = PanelLayout.GroupSize;

    public static void Run<TSimd, TVector>(in PassArguments arguments)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        PassArguments pass = arguments;
        float* gates = pass.Sweep.Gates;
        if (pass.Table.IsUsed)
        {
            TableProducts<TSimd, TVector>(in pass);
            pass.Member.AwaitOthers(); // every thread reads any row of the table
        }
        for (int i = 0; i < pass.Chunks; i++)
        {
            pass.Select(i);
            if (!pass.Sweep.KeepsHistory)
            {
                // The buffer holds one chunk. Rows of sequences that end early shift from chunk to chunk: wait, not to overwrite another's.
                pass.Sweep.Gates = gates - pass.Sweep.Sequence.Offset(pass.Sweep.FirstStep) * pass.Sweep.GateRowStride;
                if (TCell.IsGeneral) pass.Sweep.Noise.Begin(pass.Sweep.Sequence.Offset(pass.Sweep.FirstStep));
                if (!pass.Sweep.Sequence.IsFull) pass.Member.AwaitOthers();
            }
            if (pass.Chunk.IsUsed) pass.Chunk.KeepCarry(in pass.Sweep, i);
            Chunk<TSimd, TVector>(in pass);
        }
    }

    /// <summary>The steps that the sweep is set to.</summary>
    public static void Chunk<TSimd, TVector>(in PassArguments pass)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        if (TCell.IsGeneral) pass.Sweep.Noise.Draw(in pass.Sweep);
        if (pass.Table.IsUsed) CopyProducts<TSimd, TVector>(in pass);
        else InputProduct<TSimd, TVector>(in pass);
        ForwardSweep<TCell>.Run<TSimd, TVector>(in pass.Sweep);
    }

    /// <summary>What <see cref="InputProduct"/> computes, from the table.</summary>
    private static void CopyProducts<TSimd, TVector>(in PassArguments pass)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        SequenceLayout sequence = pass.Sweep.Sequence;
        for (int step = pass.Sweep.FirstStep; step < pass.Sweep.EndStep; step++)
        {
            int offset = sequence.Offset(step), end = Math.Min(pass.Sweep.EndRow, sequence.RowsAt(step));
            pass.Table.Copy<TCell, TSimd, TVector>(in pass.Sweep, offset + pass.Sweep.FirstRow, offset + end);
        }
    }

    /// <summary>gates = x · W + bias for the chunk: block by block, so that a block's weights stay in cache for all steps.</summary>
    private static void InputProduct<TSimd, TVector>(in PassArguments pass)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        ref readonly SweepArguments sweep = ref pass.Sweep;
        int wide = sweep.BlocksPerPanel;
        for (int j = sweep.FirstBlock; j < sweep.EndBlock; j += wide)
        {
            int groups = wide == 1 ? TCell.InputGroups : Math.Min(wide, sweep.EndBlock - j);
            TileOperands tile = Operands(in pass, j, sweep.GateRowStride);
            float* gates = sweep.Gates + j * sweep.GateBlockStride + TCell.InputFirstGroup * Size;
            if (sweep.FirstRow == 0 && sweep.EndRow == sweep.Sequence.Batch)
            {
                // All rows: one run over the steps' ends.
                Rows<TSimd, TVector>(ref tile, groups, pass.Input, gates, sweep.Sequence.Offset(sweep.FirstStep), sweep.Sequence.Offset(sweep.EndStep));
                continue;
            }
            for (int step = sweep.FirstStep; step < sweep.EndStep; step++)
            {
                int offset = sweep.Sequence.Offset(step), end = Math.Min(sweep.EndRow, sweep.Sequence.RowsAt(step));
                Rows<TSimd, TVector>(ref tile, groups, pass.Input, gates, offset + sweep.FirstRow, offset + end);
            }
        }
    }

    /// <summary>The same product for a thread's rows of the table.</summary>
    private static void TableProducts<TSimd, TVector>(in PassArguments pass)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        InputTable table = pass.Table;
        (int first, int end) = TeamParts.Range(pass.Member.Part, pass.Member.Parts, table.Vocabulary, ProductTile.MaximumRows);
        int blocks = pass.Sweep.BlockCount, wide = pass.Sweep.BlocksPerPanel;
        for (int j = 0; j < blocks; j += wide)
        {
            int groups = wide == 1 ? TCell.InputGroups : Math.Min(wide, blocks - j);
            TileOperands tile = Operands(in pass, j, table.RowStride);
            Rows<TSimd, TVector>(ref tile, groups, table.Rows, table.Products + (nint)j * TCell.InputGroups * Size, first, end);
        }
    }

    /// <summary>The weights and bias of block j, for rows of inputs.</summary>
    private static TileOperands Operands(in PassArguments pass, int j, nint targetStride)
    {
        PanelLayout layout = pass.InputLayout;
        return new TileOperands
        {
            ARowStride = layout.Rows,
            AStep = 1,
            K = layout.Rows,
            Segments = 1,
            W = pass.InputWeights + (nint)j * layout.Gates * layout.GroupStride,
            WGroupStride = layout.GroupStride,
            Initial = pass.InputBias == null ? ZeroRow.Floats : pass.InputBias + j * layout.Gates * Size,
            InitialGroupStride = pass.InputBias == null ? 0 : Size,
            CRowStride = targetStride,
            CGroupStride = Size,
        };
    }

    private static void Rows<TSimd, TVector>(ref TileOperands tile, int groups, float* input, float* gates, nint first, nint end)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        if (first >= end) return;
        tile.A = input + first * tile.ARowStride;
        tile.C = gates + first * tile.CRowStride;
        var tiles = new RowTiles((int)(end - first), ProductTile.MaximumRows);
        for (int i = 0; i < tiles.Count; i++)
        {
            int count = tiles.SizeOf(i);
            ProductTile.Run<TSimd, TVector>(in tile, count, groups);
            tile.A += count * tile.ARowStride;
            tile.C += count * tile.CRowStride;
        }
    }
}

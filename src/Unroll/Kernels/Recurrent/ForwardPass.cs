using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

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
        for (int i = 0; i < pass.Chunks; i++)
        {
            pass.Select(i);
            if (!pass.Sweep.KeepsHistory)
            {
                // The buffer holds one chunk. Rows of sequences that end early shift from chunk to chunk: wait, not to overwrite another's.
                pass.Sweep.Gates = gates - pass.Sweep.Sequence.Offset(pass.Sweep.FirstStep) * pass.Sweep.GateRowStride;
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
        InputProduct<TSimd, TVector>(in pass);
        ForwardSweep<TCell>.Run<TSimd, TVector>(in pass.Sweep);
    }

    /// <summary>gates = x · W + bias for the chunk: block by block, so that a block's weights stay in cache for all steps.</summary>
    private static void InputProduct<TSimd, TVector>(in PassArguments pass)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        ref readonly SweepArguments sweep = ref pass.Sweep;
        PanelLayout layout = pass.InputLayout;
        int wide = sweep.BlocksPerPanel;
        for (int j = sweep.FirstBlock; j < sweep.EndBlock; j += wide)
        {
            int groups = wide == 1 ? TCell.InputGroups : Math.Min(wide, sweep.EndBlock - j);
            var tile = new TileOperands
            {
                ARowStride = layout.Rows,
                AStep = 1,
                K = layout.Rows,
                Segments = 1,
                W = pass.InputWeights + (nint)j * layout.Gates * layout.GroupStride,
                WGroupStride = layout.GroupStride,
                Initial = pass.InputBias == null ? ZeroRow.Floats : pass.InputBias + j * layout.Gates * Size,
                InitialGroupStride = pass.InputBias == null ? 0 : Size,
                CRowStride = sweep.GateRowStride,
                CGroupStride = Size,
            };
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

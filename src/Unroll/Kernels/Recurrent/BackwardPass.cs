using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Recurrent;

/// <summary>
/// A layer's backward pass: for each chunk of time, the last visited first, the sweep, then the products that read the
/// chunk's gradients: those of the weights, reduced over its rows in an order that the shape alone fixes, and the input's.
/// </summary>
internal readonly unsafe struct BackwardPass<TCell> : ISimdKernel<PassArguments> where TCell : struct, ICellKernel
{
    private const int Size = PanelLayout.GroupSize;

    public static void Run<TSimd, TVector>(in PassArguments arguments)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        PassArguments pass = arguments;
        // Threads that keep sequences of different lengths are busy at different steps: they wait for one another once, not at
        // every chunk.
        bool atOnce = pass.Sweep.Sequence.IsFull || pass.Division == SweepDivisionKind.Units || pass.Member.Parts == 1 || pass.Chunk.IsUsed;
        if (pass.Table.IsUsed) pass.Table.Clear(pass.Member);
        for (int i = pass.Chunks - 1; i >= 0; i--)
        {
            pass.Select(i);
            if (pass.Chunk.IsUsed)
            {
                pass.Chunk.Select(ref pass.Sweep, i);
                pass.Member.AwaitOthers(); // the products of the chunk after may still read the cell and reset states
                ForwardPass<TCell>.Chunk<TSimd, TVector>(in pass);
            }
            BackwardSweep<TCell>.Run<TSimd, TVector>(in pass.Sweep);
            if (atOnce) Products<TSimd, TVector>(in pass);
        }
        if (atOnce) return;
        pass.Member.AwaitOthers();
        for (int i = pass.Chunks - 1; i >= 0; i--)
        {
            pass.Select(i);
            Products<TSimd, TVector>(in pass);
        }
    }

    /// <summary>The input's gradient of all rows, for a pass that has left it out.</summary>
    public static void AddInputGradient(in PassArguments pass)
    {
        if (pass.InputGradient != null && pass.Sweep.Sequence.Rows > 0) PanelProduct.Run(Input(in pass, 0, pass.Sweep.Sequence.Rows));
    }

    private static void Products<TSimd, TVector>(in PassArguments pass)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        // The products read what every thread's sweep has left; the next sweep overwrites none of it.
        pass.Member.AwaitOthers();
        ref readonly SweepArguments sweep = ref pass.Sweep;
        int first = sweep.Sequence.Offset(sweep.FirstStep), rows = sweep.Sequence.Offset(sweep.EndStep) - first;
        if (rows == 0) return;
        WeightGradient.Arguments gradient;
        if (pass.Table.IsUsed)
        {
            pass.Table.Add<TCell, TSimd, TVector>(in sweep, first, first + rows, pass.Member);
        }
        else
        {
            gradient = InputWeights(in pass, first, rows);
            WeightGradient.Share<TSimd, TVector>(in gradient, pass.Member.Part, pass.Member.Parts);
        }
        gradient = RecurrentWeights(in pass, first, rows);
        WeightGradient.Share<TSimd, TVector>(in gradient, pass.Member.Part, pass.Member.Parts);
        if (TCell.HasSecondPhase)
        {
            gradient = ResetWeights(in pass, in gradient, first, rows);
            WeightGradient.Share<TSimd, TVector>(in gradient, pass.Member.Part, pass.Member.Parts);
        }
        if (pass.UnitWeightsGradient != null)
        {
            if (TCell.RecurrentGroups == 0) IndependentGradient.Share<TSimd, TVector>(in sweep, pass.UnitWeightsGradient, pass.Member);
            else PeepholeGradient.Share<TSimd, TVector>(in sweep, pass.UnitWeightsGradient, pass.Member);
        }
        if (sweep.InitialStateGradient != null) BackwardSweep<TCell>.InitialStates<TSimd, TVector>(in sweep, pass.Member);
        if (pass.InputGradient == null) return;
        PanelProduct.Arguments input = Input(in pass, first, rows);
        PanelProduct.Share<TSimd, TVector>(in input, pass.Member.Part, pass.Member.Parts);
    }

    private static WeightGradient.Arguments InputWeights(in PassArguments pass, int first, int rows) => new()
    {
        Inputs = WeightGradient.RowPointers(pass.Input + (nint)first * pass.InputLayout.Rows, pass.InputLayout.Rows, rows),
        Rows = rows,
        Outputs = pass.Sweep.Gates + first * pass.Sweep.GateRowStride + TCell.InputFirstGroup * Size,
        RowStride = pass.Sweep.GateRowStride,
        PanelStride = pass.Sweep.BlocksPerPanel * pass.Sweep.GateBlockStride,
        Layout = pass.InputLayout,
        Weights = pass.InputWeightsGradient,
        Bias = pass.InputBiasGradient,
    };

    private static WeightGradient.Arguments RecurrentWeights(in PassArguments pass, int first, int rows) => new()
    {
        Inputs = PreviousStates(in pass.Sweep, rows),
        Rows = rows,
        Outputs = pass.Sweep.Gates + first * pass.Sweep.GateRowStride + TCell.RecurrentFirstGroup * Size,
        RowStride = pass.Sweep.GateRowStride,
        PanelStride = pass.Sweep.BlocksPerPanel * pass.Sweep.GateBlockStride,
        Layout = pass.Sweep.Layout,
        Weights = TCell.RecurrentGroups == 0 ? null : pass.RecurrentWeightsGradient,
        Bias = pass.RecurrentBiasGradient,
        GroupCount = TCell.HasSecondPhase ? TCell.RecurrentGroups : 0,
    };

    /// <summary>The weights that r ⊙ hₜ₋₁ multiplies.</summary>
    private static WeightGradient.Arguments ResetWeights(in PassArguments pass, in WeightGradient.Arguments recurrent, int first, int rows)
    {
        nint padded = pass.Sweep.Layout.PaddedUnits;
        WeightGradient.Arguments gradient = recurrent;
        gradient.Inputs = WeightGradient.RowPointers(pass.Sweep.ResetStates + first * padded, padded, rows);
        gradient.FirstGroup = TCell.RecurrentGroups;
        gradient.GroupCount = TCell.StoredGroups - TCell.RecurrentGroups;
        gradient.Outputs += TCell.RecurrentGroups * Size;
        return gradient;
    }

    /// <summary>For each row of the sweep's steps the hidden state that its step began with; null where that is zero.</summary>
    private static float** PreviousStates(in SweepArguments sweep, int count)
    {
        float** pointers = Workspace.Pointers(Workspace.Slot.LeftPointers, count);
        float** next = pointers;
        for (int step = sweep.FirstStep; step < sweep.EndStep; step++)
        {
            int rows = sweep.Sequence.RowsAt(step), past = Math.Min(sweep.RowsWithPast(step), rows);
            for (int row = 0; row < rows; row++)
            {
                float* states = sweep.PreviousOperands(step, row < past, out nint stride);
                *next++ = states == null ? null : states + row * stride;
            }
        }
        return pointers;
    }

    private static PanelProduct.Arguments Input(in PassArguments pass, int first, int rows)
    {
        ref readonly SweepArguments sweep = ref pass.Sweep;
        // Gates that lie side by side are one run; a GRU's buffer holds a group between them that has no part in this product.
        bool oneRun = TCell.InputGroups == TCell.StoredGroups;
        nint inputs = pass.InputLayout.Rows;
        return new PanelProduct.Arguments
        {
            Source = new ProductSource
            {
                Values = sweep.Gates + first * sweep.GateRowStride + TCell.InputFirstGroup * Size,
                RowStride = sweep.GateRowStride,
                Length = oneRun ? pass.InputLayout.StoredColumns : TCell.InputGroups * Size,
                Segments = oneRun ? 1 : sweep.BlockCount,
                SegmentStride = sweep.GateBlockStride,
            },
            Rows = rows,
            Layout = pass.TransposedInputLayout,
            Weights = pass.TransposedInputWeights,
            Target = new ProductTarget { Values = pass.InputGradient + first * inputs, RowStride = inputs, Accumulate = pass.AddsToInputGradient },
        };
    }
}

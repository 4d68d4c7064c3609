using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Recurrent;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

public abstract partial class RecurrentLayer
{
    /// <summary>
    /// Whether the state before the first step is trained, one for all sequences, instead of zeros: parameters <c>initial_hidden</c> [H]
    /// and, where there is a cell state, <c>initial_cell</c> [H], which begin at zero. A state that is handed in comes before it.
    /// Default false.
    /// </summary>
    public bool LearnedInitialState { get; init; }

    /// <summary>The trained state before the first step; null where it is zeros.</summary>
    internal Parameter? InitialHidden { get; private set; }

    /// <summary>The cell state of <see cref="InitialHidden"/>, where there is one.</summary>
    internal Parameter? InitialCell { get; private set; }

    private void CreateInitialState()
    {
        if (!LearnedInitialState) return;
        InitialHidden = AddParameter(new Parameter("initial_hidden", new Shape(Units)));
        if (CellKernels.Of(Cell).HasCarry) InitialCell = AddParameter(new Parameter("initial_cell", new Shape(Units)));
    }

    /// <summary>The trained state, a row for each sequence; null where there is none.</summary>
    private RecurrentState? LearnedState(int batch, Pass pass)
    {
        if (InitialHidden is not { } hidden) return null;
        return new RecurrentState(Rows(hidden), InitialCell is { } cell ? Rows(cell) : null);

        Tensor Rows(Parameter state) => pass.Add(pass.Zeros(batch, Units), pass.Value(state));
    }
}

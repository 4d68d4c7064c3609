using Unroll.Kernels.Activations;

namespace Unroll.Kernels.Recurrent;

/// <summary>What a cell computes where that is not its usual form, for which there are kernels of their own.</summary>
/// <param name="Activation">φ: of the candidate and of the cell state, or of the state of a simple layer.</param>
/// <param name="RecurrentActivation">Of the gates.</param>
/// <param name="CarryLimit">c′ is held within ± this.</param>
internal readonly record struct CellOptions(
    ActivationKind Activation, ActivationKind RecurrentActivation = ActivationKind.Sigmoid, float CarryLimit = float.PositiveInfinity);

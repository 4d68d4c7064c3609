namespace Unroll.Training;

/// <summary>How the loss's gradient runs through the time steps of one recurrent layer, in one direction.</summary>
/// <param name="Layer">The layer's name; for a layer read both ways with "/forward" or "/backward".</param>
/// <param name="HiddenByStep">‖∂L/∂hₜ‖ for each time step t from 0, over all sequences that have the step; L is the whole loss.</param>
/// <param name="CellByStep">‖∂L/∂cₜ‖ likewise; null for a layer without a cell state.</param>
/// <param name="HiddenByLag">
/// ‖∂Lₜ/∂hₛ‖ for each lag k = |t − s| from 0: how much of the loss at step t arrives k steps away, as the root of the mean square over
/// sequences and over the steps t that were looked at. Where the model gives one answer a sequence, t is the last step that the
/// layer reads. Empty where the loss has no gradient with respect to the model's output at each step.
/// </param>
/// <param name="CellByLag">‖∂Lₜ/∂cₛ‖ likewise; null for a layer without a cell state.</param>
public sealed record LayerGradientFlow(
    string Layer, IReadOnlyList<double> HiddenByStep, IReadOnlyList<double>? CellByStep, IReadOnlyList<double> HiddenByLag, IReadOnlyList<double>? CellByLag)
{
    /// <summary>The part of the gradient at lag 0 that a lag must keep to count as reached.</summary>
    public const double ReachedPart = 0.01;

    /// <summary>
    /// The part of the gradient that arrives at each lag, relative to lag 0: the larger of hidden and cell state's. NaN where nothing is
    /// at lag 0.
    /// </summary>
    public IReadOnlyList<double> PartByLag =>
        [.. HiddenByLag.Select((_, lag) => Math.Max(HiddenByLag[lag] / HiddenByLag[0], CellByLag is { } cell && cell[0] > 0 ? cell[lag] / cell[0] : 0))];

    /// <summary>The farthest lag at which at least a hundredth of the gradient at lag 0 arrives; −1 where lags were not measured.</summary>
    public int Reach
    {
        get
        {
            IReadOnlyList<double> parts = PartByLag;
            for (int lag = parts.Count - 1; lag >= 0; lag--)
                if (parts[lag] >= ReachedPart) return lag;
            return -1;
        }
    }
}

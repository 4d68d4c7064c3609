using Unroll.Autograd;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>Notes the first gate or state of a recurrent layer that is not finite.</summary>
internal sealed class FirstNonFiniteState : IStateObserver
{
    /// <summary>What was found and where, for a message; null while all are finite.</summary>
    public string? Found { get; private set; }

    public void See(string layer, int step, bool isLast, Tensor hidden, Tensor? carry, IReadOnlyList<(string Name, Tensor Values)> gates, ReadOnlySpan<int> lengths)
    {
        foreach ((string name, Tensor values) in gates) Look(layer, step, $"{name} gate", values, lengths);
        if (carry is { } cell) Look(layer, step, "cell state", cell, lengths);
        Look(layer, step, "hidden state", hidden, lengths);
    }

    private void Look(string layer, int step, string kind, Tensor state, ReadOnlySpan<int> lengths)
    {
        if (Found is not null) return;
        ReadOnlySpan<float> values = state.Storage;
        for (int i = 0; i < values.Length; i++)
        {
            int row = i / state.Features;
            if (state.Layout is { } layout) row = layout.Order[row]; // a gate has the rows of the sequences that have the step, the longest first
            if (float.IsFinite(values[i]) || step >= lengths[row]) continue;
            Found = $"{NonFiniteSearch.Text(values[i])} arose in the {kind} of recurrent layer '{layer}' at {new StoredPlace(row, step)} of the batch, unit {i % state.Features}";
            return;
        }
    }
}

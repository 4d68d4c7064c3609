using Unroll.Autograd;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>The states that a pass showed, layer by layer, with their steps; and the norms of their gradients after a backward pass.</summary>
internal sealed class StateRecord : IStateObserver
{
    private readonly Dictionary<string, List<Seen>> _layers = [];
    private readonly List<string> _order = [];

    /// <summary>A layer's state after a step.</summary>
    public sealed record Seen(int Step, bool IsLast, Tensor Hidden, Tensor? Carry, IReadOnlyList<(string Name, Tensor Values)> Gates, int[] Lengths);

    /// <summary>The layers' names in the order in which they ran.</summary>
    public IReadOnlyList<string> Layers => _order;

    /// <summary>A layer's states in the order in which they were computed.</summary>
    public IReadOnlyList<Seen> Of(string layer) => _layers[layer];

    public void See(string layer, int step, bool isLast, Tensor hidden, Tensor? carry, IReadOnlyList<(string Name, Tensor Values)> gates, ReadOnlySpan<int> lengths)
    {
        if (!_layers.TryGetValue(layer, out List<Seen>? seen))
        {
            _layers.Add(layer, seen = []);
            _order.Add(layer);
        }
        seen.Add(new Seen(step, isLast, hidden, carry, gates, lengths.ToArray()));
    }

    /// <summary>For each sequence the square of the norm of a state's gradient; NaN for one that does not have the step.</summary>
    public static double[] SquaresByRow(Tape tape, Seen seen, Tensor state)
    {
        float[] gradient = tape.GradientOf(state);
        int batch = state.Shape[0], units = state.Shape[1];
        var squares = new double[batch];
        for (int b = 0; b < batch; b++)
        {
            if (seen.Step >= seen.Lengths[b]) squares[b] = double.NaN;
            else foreach (float g in gradient.AsSpan(b * units, units)) squares[b] += (double)g * g;
        }
        return squares;
    }
}

using Unroll.Tensors;

namespace Unroll.Autograd;

/// <summary>Is shown the states of every recurrent layer of a pass. The layers then run step by step, so that each state is a tensor with a gradient of its own.</summary>
internal interface IStateObserver
{
    /// <summary>A layer has made a step.</summary>
    /// <param name="layer">The layer's name.</param>
    /// <param name="step">The time step.</param>
    /// <param name="isLast">Whether it was the last step that the layer visits.</param>
    /// <param name="hidden">h after the step, [B, H]; a sequence without this step keeps the state that it had.</param>
    /// <param name="carry">c likewise, for a layer that has a cell state.</param>
    /// <param name="gates">The layer's gates by name, [B, 1, H]: rows of sequences that have the step.</param>
    /// <param name="lengths">The real steps of each sequence, [B].</param>
    void See(string layer, int step, bool isLast, Tensor hidden, Tensor? carry, IReadOnlyList<(string Name, Tensor Values)> gates, ReadOnlySpan<int> lengths);
}

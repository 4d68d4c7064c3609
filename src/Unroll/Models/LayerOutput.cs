using Unroll.Basics;
using Unroll.Layers;

namespace Unroll.Models;

/// <summary>
/// A tensor that is still to come, in a functional model: an input, or what a layer gives for inputs like it. Made by
/// <see cref="Input.Of"/> and by applying layers; from some of these a <see cref="Model"/> is made.
/// </summary>
public sealed class LayerOutput
{
    internal LayerOutput(LayerCall call, int index, Shape shape) => (Call, Index, Shape) = (call, index, shape);

    /// <summary>Its shape, with −1 for open axes.</summary>
    public Shape Shape { get; }

    /// <summary>The layer that gives it; null for an input.</summary>
    public Layer? Layer => Call.Layer;

    /// <summary>The application of the layer that gives it.</summary>
    internal LayerCall Call { get; }

    /// <summary>Which of the call's outputs it is.</summary>
    internal int Index { get; }

    /// <summary>For example <c>lstm [?, 16]</c>.</summary>
    public override string ToString() => $"{Call.Title} {Shape}";
}

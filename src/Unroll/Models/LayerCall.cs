using Unroll.Basics;
using Unroll.Layers;

namespace Unroll.Models;

/// <summary>One application of a layer in a functional model, or an input. A layer that is applied twice is shared.</summary>
internal sealed class LayerCall
{
    /// <summary>An input.</summary>
    public LayerCall(Shape shape, string? name)
    {
        InputName = name ?? "";
        Inputs = [];
        Outputs = [new LayerOutput(this, 0, shape)];
    }

    /// <summary>A layer applied to what others give.</summary>
    /// <exception cref="ArgumentException">Shapes that the layer cannot take.</exception>
    public LayerCall(Layer layer, ReadOnlySpan<LayerOutput> inputs)
    {
        Layer = layer;
        Inputs = inputs.ToArray();
        Shape[] shapes = OutputShapesOf([.. Inputs.Select(input => input.Shape)]);
        Outputs = [.. shapes.Select((shape, i) => new LayerOutput(this, i, shape))];
    }

    /// <summary>The layer; null for an input.</summary>
    public Layer? Layer { get; }

    /// <summary>An input's name; empty where a model is to give one.</summary>
    public string InputName { get; } = "";

    public IReadOnlyList<LayerOutput> Inputs { get; }

    public IReadOnlyList<LayerOutput> Outputs { get; }

    /// <summary>For messages.</summary>
    public string Title => Layer?.Title ?? (InputName.Length == 0 ? "an input" : $"input '{InputName}'");

    /// <summary>Makes the layer's parameters.</summary>
    public void Build(ulong seed)
    {
        switch (Layer)
        {
            case MultipleInputLayer multiple:
                multiple.Build([.. Inputs.Select(input => input.Shape)], seed);
                break;
            case ModelLayer nested:
                nested.Build(this);
                break;
            default:
                Layer!.Build(Inputs[0].Shape, seed);
                break;
        }
    }

    /// <summary>What the layer gives for inputs of these shapes.</summary>
    /// <exception cref="ArgumentException">Another number of inputs, or shapes that the layer cannot take.</exception>
    public Shape[] OutputShapesOf(Shape[] inputs)
    {
        switch (Layer)
        {
            case MultipleInputLayer multiple:
                if (multiple.IsBuilt) multiple.RequireBuiltFor(inputs);
                return multiple.OutputShapesOf(inputs);
            case ModelLayer nested:
                return nested.Model.OutputShapesOf(inputs);
        }
        Shape[] state = (Layer as IStatefulLayer)?.StateShapes(inputs[0].Rank == 0 ? Shape.Unknown : inputs[0][0]) ?? [];
        if (inputs.Length != 1 && inputs.Length != 1 + state.Length)
        {
            string orState = state.Length == 0 ? "" : $", or one and a state of {state.Length} ({string.Join(", ", state)})";
            throw new ArgumentException($"{Layer!.Title}: expected one input{orState}, received {inputs.Length}. Merge them first, for example with Concatenate.", nameof(inputs));
        }
        for (int i = 1; i < inputs.Length; i++)
            if (!state[i - 1].Accepts(inputs[i]))
                throw new ArgumentException($"{Layer!.Title}: expected {state[i - 1]} as tensor {i - 1} of the initial state, received {inputs[i]}.", nameof(inputs));
        if (Layer!.IsBuilt && !Layer.InputShape.Accepts(inputs[0]))
            throw new ArgumentException($"{Layer.Title}: expected input {Layer.InputShape}, for which it was built, received {inputs[0]}.", nameof(inputs));
        return [Layer.OutputShapeOf(inputs[0]), .. state];
    }
}

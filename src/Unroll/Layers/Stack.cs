using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>Layers in a row as one layer, for example a branch of <see cref="ParallelSum"/>.</summary>
public sealed class Stack : CompositeLayer
{
    internal const string KindName = "stack";

    /// <summary>A stack of layers, each one's output the next one's input.</summary>
    /// <param name="layers">At least one; not built yet, and in no other model.</param>
    /// <exception cref="ArgumentException">No layer, one that is built, one given twice, or two of one name.</exception>
    public Stack(params Layer[] layers)
        : this(layers, null)
    {
    }

    /// <summary>A named stack of layers.</summary>
    /// <param name="layers">At least one; not built yet, and in no other model.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentException">No layer, one that is built, one given twice, or two of one name.</exception>
    public Stack(IReadOnlyList<Layer> layers, string? name)
        : base(layers, name)
    {
    }

    /// <summary>
    /// Layers with dropout between each two, and none behind the last, as in PyTorch's <c>nn.LSTM(num_layers, dropout)</c>:
    /// <c>Stack.WithDropout(0.3f, new Lstm(64, returnSequences: true), new Lstm(64))</c>.
    /// </summary>
    /// <param name="rate">The share of a layer's outputs dropped in training, in [0, 1).</param>
    /// <param name="layers">At least one; not built yet, and in no other model.</param>
    /// <exception cref="ArgumentException">A rate outside [0, 1), or layers that the constructor refuses.</exception>
    public static Stack WithDropout(float rate, params Layer[] layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        var all = new List<Layer>();
        foreach (Layer layer in layers)
        {
            if (all.Count > 0) all.Add(new Dropout(rate));
            all.Add(layer);
        }
        return new Stack([.. all]);
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape? KnownInputShape => Layers[0].KnownInputShape;

    /// <inheritdoc/>
    public override Activation? FinalActivation => Layers[^1].FinalActivation;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        Shape shape = input;
        foreach (Layer layer in Layers) shape = layer.OutputShapeOf(shape);
        return shape;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass) => Layers[^1].Forward(ForwardToLast(input, pass), pass);

    /// <inheritdoc/>
    public override Tensor ForwardBeforeActivation(Tensor input, Pass pass) =>
        Layers[^1].ForwardBeforeActivation(ForwardToLast(input, pass), pass);

    internal static Stack FromConfiguration(JsonObject configuration) => new(ReadLayers(KindName, configuration));

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        Shape shape = input;
        for (int i = 0; i < Layers.Count; i++)
        {
            BuildInner(i, shape, seed);
            shape = Layers[i].OutputShape;
        }
    }

    private Tensor ForwardToLast(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        Tensor x = input;
        for (int i = 0; i < Layers.Count - 1; i++) x = Layers[i].Forward(x, pass);
        return x;
    }
}

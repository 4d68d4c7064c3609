using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A layer with its input added (He et al. 2016, arXiv 1512.03385): y = x + f(x). Where the widths differ, a projection of
/// the input is added instead: y = p(x) + f(x).
/// </summary>
public sealed class Residual : CompositeLayer
{
    internal const string KindName = "residual";

    /// <summary>A connection around a layer; several layers are a <see cref="Stack"/>.</summary>
    /// <param name="layer">f, not built yet, and in no other model; it keeps the time axis.</param>
    /// <param name="projection">p, for example <c>new Dense(units, useBias: false)</c>; null to add the input itself, whose width must then be the layer's.</param>
    /// <param name="name">Unique in its model; null for "residual" …</param>
    /// <exception cref="ArgumentException">A layer that is built, or given twice.</exception>
    public Residual(Layer layer, Layer? projection = null, string? name = null)
        : base(projection is null ? [layer] : [layer, projection], name)
    {
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        Shape output = Layers[0].OutputShapeOf(input);
        if (Layers.Count == 1) RequireSame(this, Layers[0], input, output, "Give a projection, or the layer as many units as the input has features.");
        else RequireSame(this, Layers[0], Layers[1].OutputShapeOf(input), output, "Give the projection as many units as the layer.");
        return output;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        Tensor around = Layers.Count == 1 ? input : Layers[1].Forward(input, pass);
        return AddOp.Of(pass.Tape, around, Layers[0].Forward(input, pass));
    }

    /// <summary>Refuses a layer whose output cannot meet what goes around it.</summary>
    /// <exception cref="ArgumentException">Other axes, with the first that differs.</exception>
    internal static void RequireSame(Layer connection, Layer layer, Shape around, Shape output, string wayOut)
    {
        if (around == output) return;
        if (around.Rank != output.Rank)
            throw new ArgumentException($"{connection.Title}: expected {layer.Title} to give the {around.Rank} axes of {around}, found {output}. A recurrent layer keeps the time axis with ReturnSequences.", nameof(around));
        int axis = 0;
        while (around[axis] == output[axis]) axis++;
        throw new ArgumentException($"{connection.Title}: expected {layer.Title} to give {around[axis]} in axis {axis}, as in {around}, found {output}. {wayOut}", nameof(around));
    }

    internal static Residual FromConfiguration(JsonObject configuration)
    {
        Layer[] layers = ReadLayers(KindName, configuration);
        return layers.Length is 1 or 2
            ? new Residual(layers[0], layers.ElementAtOrDefault(1))
            : throw new InvalidDataException($"{KindName}: expected a layer and perhaps a projection in 'layers', found {layers.Length}.");
    }

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        for (int i = 0; i < Layers.Count; i++) BuildInner(i, input, seed);
    }
}

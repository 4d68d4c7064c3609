using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A layer of several inputs, for a functional model: <c>new Concatenate().Of(a, b)</c>. With one input alone it stands in a row of layers
/// too, where its kind takes one.
/// </summary>
public abstract class MultipleInputLayer : Layer
{
    private Shape[] _inputShapes = [];

    private protected MultipleInputLayer(string? name)
        : base(name)
    {
    }

    /// <summary>The input shapes it was built for; batch and perhaps time unknown. Empty before.</summary>
    public IReadOnlyList<Shape> InputShapes => _inputShapes;

    /// <summary>The shape that comes out for the shapes that go in.</summary>
    /// <exception cref="ArgumentException">Another number of inputs, or shapes that do not meet; the message names the layer, axis, expected and found.</exception>
    public abstract Shape OutputShapeOf(ReadOnlySpan<Shape> inputs);

    /// <summary>Computes the output of several inputs.</summary>
    /// <exception cref="ArgumentException">Another number of inputs, or inputs that do not meet.</exception>
    public abstract Tensor Forward(ReadOnlySpan<Tensor> inputs, Pass pass);

    /// <inheritdoc/>
    public sealed override Shape OutputShapeOf(Shape input) => OutputShapeOf([input]);

    /// <inheritdoc/>
    public sealed override Tensor Forward(Tensor input, Pass pass) => Forward([input], pass);

    /// <summary>The shapes of all that comes out: more than one where the layer tells more than its output.</summary>
    internal virtual Shape[] OutputShapesOf(ReadOnlySpan<Shape> inputs) => [OutputShapeOf(inputs)];

    /// <summary>Computes all that <see cref="OutputShapesOf"/> promises.</summary>
    internal virtual void Run(ReadOnlySpan<Tensor> inputs, Span<Tensor> outputs, Pass pass) => outputs[0] = Forward(inputs, pass);

    /// <summary>Makes the parameters for inputs of these shapes; a second call with shapes that fit changes nothing.</summary>
    /// <exception cref="ArgumentException">Shapes that the layer cannot take.</exception>
    internal void Build(ReadOnlySpan<Shape> inputs, ulong seed)
    {
        if (IsBuilt)
        {
            RequireBuiltFor(inputs);
            return;
        }
        Shape output = OutputShapeOf(inputs);
        CreateParameters(inputs, seed);
        _inputShapes = inputs.ToArray();
        MarkBuilt(inputs[0], output);
    }

    /// <inheritdoc/>
    internal override void BuildLike(Layer built) => Build(((MultipleInputLayer)built)._inputShapes, 0);

    /// <summary>Refuses shapes that the parameters do not fit. A layer without any takes at each call what meets.</summary>
    internal void RequireBuiltFor(ReadOnlySpan<Shape> inputs)
    {
        if (Parameters.Count == 0) return;
        if (inputs.Length != _inputShapes.Length) throw OtherCount(inputs.Length);
        for (int i = 0; i < inputs.Length; i++) RequireBuiltFor(i, inputs[i]);
    }

    /// <summary>Builds for the actual inputs if need be, and refuses some that do not fit. Allocates nothing once built.</summary>
    private protected void EnsureBuilt(ReadOnlySpan<Tensor> inputs, Pass pass)
    {
        if (!IsBuilt)
        {
            BuildFor(inputs, pass.Seed);
            return;
        }
        if (Parameters.Count == 0) return; // it takes at each call what meets
        if (inputs.Length != _inputShapes.Length) throw OtherCount(inputs.Length);
        for (int i = 0; i < inputs.Length; i++) RequireBuiltFor(i, inputs[i].Shape);
    }

    /// <summary>Builds for inputs like these, batch and time open.</summary>
    private protected void BuildFor(ReadOnlySpan<Tensor> inputs, ulong seed)
    {
        var shapes = new Shape[inputs.Length];
        for (int i = 0; i < shapes.Length; i++) shapes[i] = OpenAxes(inputs[i].Shape);
        Build(shapes, seed);
    }

    /// <summary>Makes parameters with <see cref="Layer.AddParameter(Parameter)"/>. The default makes none.</summary>
    private protected virtual void CreateParameters(ReadOnlySpan<Shape> inputs, ulong seed)
    {
    }

    /// <inheritdoc/>
    protected sealed override void CreateParameters(Shape input, ulong seed)
    {
        _inputShapes = [input];
        CreateParameters([input], seed);
    }

    private void RequireBuiltFor(int input, Shape shape)
    {
        if (!_inputShapes[input].Accepts(shape))
            throw new ArgumentException($"{Title}: expected {_inputShapes[input]} as input {input}, for which it was built, received {shape}.");
    }

    private ArgumentException OtherCount(int count) => new($"{Title}: expected {_inputShapes.Length} inputs, for which it was built, received {count}.");
}

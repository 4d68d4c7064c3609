using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Autograd;

/// <summary>
/// A list of operations in the order they ran; <see cref="Backward(Tensor)"/> replays it from the end. It also owns
/// the memory of every tensor made on it, and recycles it at <see cref="Reset"/>: after the first step of a training
/// loop nothing is allocated any more, and batches of other shapes allocate only where one is larger than all before. For one
/// thread at a time.
/// </summary>
/// <remarks>A tape knows no particular operation. Not resetting costs memory, never correctness.</remarks>
public sealed unsafe class Tape
{
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<Type, Stack<Node>> _freeNodes = [];
    private readonly List<TensorBuffer> _buffers = [];
    private readonly Stack<TensorBuffer> _freeBuffers = [];
    private readonly List<object> _kept = [];
    private readonly List<Tensor> _penalties = [];
    private readonly List<TensorBuffer> _outside = [];
    private readonly Arena _memory = new();
    private readonly List<SequenceLayout> _layouts = [];
    private int _usedLayouts;

    /// <summary>A tape that records for a backward pass.</summary>
    public Tape() : this(recording: true)
    {
    }

    /// <summary>A tape; one that does not record still owns and recycles the tensors made on it (inference).</summary>
    public Tape(bool recording) => Recording = recording;

    /// <summary>Whether operations are kept for a backward pass.</summary>
    public bool Recording { get; }

    /// <summary>
    /// Bytes of tensor memory held, in use or waiting for reuse: from the second pass on, what the largest pass so far needed.
    /// </summary>
    public long AllocatedBytes => _memory.AllocatedBytes;

    /// <summary>Numbers computed on this tape that training makes small besides the loss, since the last reset.</summary>
    internal IReadOnlyList<Tensor> Penalties => _penalties;

    /// <summary>Bytes of tensors, their gradients and scratch since the last reset.</summary>
    internal long UsedBytes => _memory.RentedBytes;

    /// <summary>The part of <see cref="UsedBytes"/> that is gradients.</summary>
    internal long GradientBytes { get; private set; }

    /// <summary>
    /// Asks for the loss's gradient with respect to a tensor that is no parameter; see <see cref="GradientOf"/>. To be called
    /// before anything is computed from the tensor.
    /// </summary>
    public void Watch(Tensor tensor)
    {
        TensorBuffer buffer = tensor.Buffer;
        buffer.NeedsGradient = true;
        buffer.Lookup = default; // its own rows are wanted, not the table's
        if (buffer.Owner != this) _outside.Add(buffer);
    }

    /// <summary>Adds the gradient of <paramref name="loss"/>, one number, into every parameter and watched tensor behind it.</summary>
    /// <exception cref="InvalidOperationException">The loss is not one number, or was not recorded on this tape.</exception>
    public void Backward(Tensor loss)
    {
        if (loss.StoredLength != 1)
            throw new InvalidOperationException($"Backward needs a loss of one number; this tensor is {loss.Shape}. Take its mean or sum, or give Backward a gradient.");
        ReadOnlySpan<float> one = [1f];
        Backward(loss, one);
    }

    /// <summary>Adds gradients as if the loss were the sum of <paramref name="output"/> times <paramref name="gradient"/>.</summary>
    /// <param name="output">A tensor recorded on this tape.</param>
    /// <param name="gradient">Row-major, padding included, of the output's shape; what it holds in the padding is not read.</param>
    public void Backward(Tensor output, ReadOnlySpan<float> gradient)
    {
        TensorBuffer buffer = output.Buffer;
        if (!Recording) throw new InvalidOperationException("This tape does not record; make it with new Tape() to run a backward pass.");
        if (gradient.Length != buffer.Shape.Length)
            throw new ArgumentException($"Expected a gradient of {buffer.Shape}, {buffer.Shape.Length} numbers, received {gradient.Length}.", nameof(gradient));
        if (!buffer.NeedsGradient)
            throw new InvalidOperationException("Nothing trainable led to this tensor on this tape: no parameter is trainable, or it was computed on another tape.");
        var target = new Span<float>(Gradient(output, out _), buffer.Length);
        if (buffer.Layout is { } layout) PackRows.Pack(layout, gradient, target);
        else if (buffer.Whole.IsDefault) gradient.CopyTo(target);
        else for (int i = 0; i < target.Length; i++) target[i] += gradient[i]; // another part may have come to the same memory
        for (int i = _nodes.Count - 1; i >= 0; i--) _nodes[i].Backward(this);
    }

    /// <summary>The loss's gradient with respect to a tensor, row-major and zero in the padding, after a backward pass.</summary>
    public float[] GradientOf(Tensor tensor)
    {
        TensorBuffer buffer = tensor.Buffer;
        float[] dense = new float[buffer.Shape.Length];
        if (!buffer.NeedsGradient || !buffer.GradientStarted) return dense;
        var stored = new ReadOnlySpan<float>(buffer.Gradients, buffer.Length);
        if (buffer.Layout is { } layout) PackRows.Unpack(layout, stored, dense);
        else stored.CopyTo(dense);
        return dense;
    }

    /// <summary>Forgets the operations and recycles every tensor made on this tape; their handles throw from now on.</summary>
    public void Reset()
    {
        foreach (Node node in _nodes)
        {
            node.Clear();
            _freeNodes[node.GetType()].Push(node);
        }
        _nodes.Clear();
        foreach (TensorBuffer buffer in _buffers)
        {
            buffer.Generation++;
            buffer.Values = buffer.Gradients = null;
            buffer.Layout = null;
            buffer.Mark = default;
            buffer.Lookup = default;
            buffer.Whole = default;
            _freeBuffers.Push(buffer);
        }
        _buffers.Clear();
        _memory.Reset();
        GradientBytes = 0;
        foreach (TensorBuffer buffer in _outside)
        {
            buffer.NeedsGradient = false;
            buffer.GradientStarted = false;
        }
        _outside.Clear();
        _kept.Clear();
        _penalties.Clear();
        _usedLayouts = 0;
    }

    /// <summary>The tape that made a tensor.</summary>
    /// <exception cref="InvalidOperationException">A user made it.</exception>
    internal static Tape Of(Tensor tensor) => tensor.Buffer.Owner as Tape
        ?? throw new InvalidOperationException("This tensor was not computed on a tape; run the model forward with a Pass first.");

    /// <summary>Leaves a number of this tape for the training loss; see <see cref="Penalties"/>.</summary>
    internal void Penalize(Tensor number) => _penalties.Add(number);

    /// <summary>A new tensor whose values are not set.</summary>
    internal Tensor New(Shape shape, SequenceLayout? layout = null, bool needsGradient = false)
    {
        if (!_freeBuffers.TryPop(out TensorBuffer? buffer)) buffer = new TensorBuffer();
        buffer.Owner = this;
        buffer.Shape = shape;
        buffer.Layout = layout;
        buffer.NeedsGradient = needsGradient && Recording;
        buffer.GradientStarted = false;
        buffer.Values = _memory.Rent(buffer.Length);
        _buffers.Add(buffer);
        return new Tensor(buffer);
    }

    /// <summary>A new tensor of the same shape and layout as another, wanting a gradient if that one does.</summary>
    internal Tensor NewLike(Tensor x) => New(x.Shape, x.Layout, x.Buffer.NeedsGradient);

    /// <summary>A tensor over a part of another's memory, values and gradient.</summary>
    /// <param name="x">Whose numbers it shows, as they are stored.</param>
    /// <param name="shape">Its own shape, without lengths.</param>
    /// <param name="offset">The number of <paramref name="x"/> that is its first.</param>
    internal Tensor NewWithin(Tensor x, Shape shape, long offset)
    {
        float* values = Read(x) + offset;
        TensorBuffer of = x.Buffer;
        if (!_freeBuffers.TryPop(out TensorBuffer? buffer)) buffer = new TensorBuffer();
        buffer.Owner = this;
        buffer.Shape = shape;
        buffer.Layout = null;
        buffer.NeedsGradient = Needs(x);
        buffer.GradientStarted = false;
        buffer.Values = values;
        (buffer.Whole, buffer.WholeOffset) = of.Whole.IsDefault ? (x, offset) : (of.Whole, of.WholeOffset + offset);
        _buffers.Add(buffer);
        return new Tensor(buffer);
    }

    /// <summary>Memory for the rest of this pass whose content is not set: what a node saves, or scratch.</summary>
    internal float* Scratch(long length) => _memory.Rent(length);

    /// <summary>The values of a tensor, which stays reachable until the reset.</summary>
    internal float* Read(Tensor tensor)
    {
        TensorBuffer buffer = tensor.Buffer;
        if (buffer.Owner != this) _kept.Add(buffer);
        return buffer.Values;
    }

    /// <summary>The values of a parameter, which stays reachable until the reset.</summary>
    internal float* Read(Parameter parameter)
    {
        _kept.Add(parameter);
        return parameter.Values;
    }

    /// <summary>Where to add the gradient of a tensor; null when nobody needs it. Zeros at the first call of a pass.</summary>
    internal float* Gradient(Tensor tensor)
    {
        float* gradient = Gradient(tensor, out bool isFirst);
        if (isFirst) new Span<float>(gradient, tensor.StoredLength).Clear();
        return gradient;
    }

    /// <summary>
    /// As <see cref="Gradient(Tensor)"/>, for an operation that reaches every element: the first of a pass finds no zeros
    /// but leftovers, and writes instead of adding. That saves two passes over the memory.
    /// </summary>
    internal float* Gradient(Tensor tensor, out bool isFirst)
    {
        TensorBuffer buffer = tensor.Buffer;
        isFirst = buffer.NeedsGradient && !buffer.GradientStarted;
        if (!buffer.NeedsGradient) return null;
        if (!buffer.Whole.IsDefault)
        {
            // Zeros throughout come with the first part that is asked for, so that every part adds.
            buffer.Gradients = Gradient(buffer.Whole) + buffer.WholeOffset;
            isFirst = false;
        }
        else if (buffer.Gradients == null) RentGradient(buffer);
        buffer.GradientStarted = true;
        return buffer.Gradients;
    }

    /// <summary>A tensor made elsewhere keeps its gradient's memory; one of this tape's gives it back at the reset.</summary>
    private void RentGradient(TensorBuffer buffer)
    {
        if (buffer.Owner == this)
        {
            long before = _memory.RentedBytes;
            buffer.Gradients = _memory.Rent(buffer.Length);
            GradientBytes += _memory.RentedBytes - before;
        }
        else
        {
            buffer.GradientBlock = new NativeBlock(buffer.Length);
            buffer.Gradients = buffer.GradientBlock.Pointer;
        }
    }

    /// <summary>Where to add the gradient of a parameter; null when it is frozen.</summary>
    internal static float* Gradient(Parameter parameter) => parameter.Trainable ? parameter.Gradients : null;

    /// <summary>Whether a backward pass reached this output, so that its node has work to do.</summary>
    internal static bool HasGradient(Tensor output) => output.Buffer.GradientStarted;

    /// <summary>Whether an operation on these needs recording.</summary>
    internal bool Needs(Tensor x) => Recording && x.Buffer.NeedsGradient;

    /// <summary>Whether an operation on this needs recording.</summary>
    internal bool Needs(Parameter? parameter) => Recording && parameter is { Trainable: true };

    /// <summary>A node of that type at the end of the tape, to be filled by the caller. Recycled ones come first.</summary>
    internal TNode Record<TNode>() where TNode : Node, new()
    {
        if (!_freeNodes.TryGetValue(typeof(TNode), out Stack<Node>? free)) _freeNodes.Add(typeof(TNode), free = new Stack<Node>());
        TNode node = free.TryPop(out Node? used) ? (TNode)used : new TNode();
        _nodes.Add(node);
        return node;
    }

    /// <summary>A layout to be set by the caller, valid until the reset.</summary>
    internal SequenceLayout NewLayout()
    {
        if (_usedLayouts == _layouts.Count) _layouts.Add(new SequenceLayout());
        return _layouts[_usedLayouts++];
    }
}

using Unroll.Autograd;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Data;

/// <summary>
/// Gathers examples into tensors on a tape. Sequences of unequal length are packed by time on the way; their time axis
/// is as long as the longest of the batch. After the first batches nothing is allocated. For one thread at a time.
/// </summary>
internal sealed class BatchReader
{
    private readonly RowSource _inputs;
    private readonly RowSource? _targets, _weights;
    private readonly bool _targetsShareLayout, _weightsShareLayout;
    private int[] _lengths = [];

    public BatchReader(Dataset data) : this(data.Inputs)
    {
        _targets = new RowSource(data.Targets);
        _weights = data.Weights is { } weights ? new RowSource(weights) : null;
        _targetsShareLayout = SameLayout(data.Inputs, data.Targets);
        _weightsShareLayout = data.Weights is { } w && SameLayout(data.Inputs, w);
    }

    /// <summary>A reader of inputs alone.</summary>
    public BatchReader(Tensor inputs) => _inputs = new RowSource(inputs);

    /// <summary>The inputs of these examples, in this order.</summary>
    public Tensor ReadInputs(ReadOnlySpan<int> examples, Tape tape) =>
        _inputs.Gather(examples, LayoutOf(_inputs, examples, tape), tape);

    /// <summary>The examples of these indices, in this order.</summary>
    public Batch Read(ReadOnlySpan<int> examples, Tape tape)
    {
        if (_targets is null) throw new InvalidOperationException("This reader has no targets.");
        SequenceLayout? layout = LayoutOf(_inputs, examples, tape);
        Tensor inputs = _inputs.Gather(examples, layout, tape);
        Tensor targets = _targets.Gather(examples, _targetsShareLayout ? layout : LayoutOf(_targets, examples, tape), tape);
        Tensor? weights = _weights?.Gather(examples, _weightsShareLayout ? layout : LayoutOf(_weights, examples, tape), tape);
        return new Batch(inputs, targets, weights);
    }

    private static bool SameLayout(Tensor a, Tensor b) =>
        a.Layout is { } first && b.Layout is { } second && first.SameAs(second);

    private SequenceLayout? LayoutOf(RowSource source, ReadOnlySpan<int> examples, Tape tape)
    {
        if (source.Layout is not { } all) return null;
        if (_lengths.Length < examples.Length) _lengths = new int[examples.Length];
        int longest = 0;
        for (int b = 0; b < examples.Length; b++)
        {
            _lengths[b] = all.Lengths[examples[b]];
            longest = Math.Max(longest, _lengths[b]);
        }
        SequenceLayout layout = tape.NewLayout();
        layout.Set(_lengths.AsSpan(0, examples.Length), Math.Max(longest, Math.Min(1, all.Steps)));
        return layout;
    }

    /// <summary>A tensor whose examples can be copied one by one.</summary>
    private sealed class RowSource
    {
        private readonly Tensor _tensor;
        private readonly int _floats;   // an example's where dense, a step's where packed
        private readonly int[]? _place; // of each example among the sorted rows of a step

        public RowSource(Tensor tensor)
        {
            _tensor = tensor;
            Layout = tensor.Layout;
            _floats = 1;
            for (int axis = Layout is null ? 1 : 2; axis < tensor.Shape.Rank; axis++) _floats *= tensor.Shape[axis];
            if (Layout is null) return;
            _place = new int[Layout.Batch];
            for (int r = 0; r < _place.Length; r++) _place[Layout.Order[r]] = r;
        }

        public SequenceLayout? Layout { get; }

        public Tensor Gather(ReadOnlySpan<int> examples, SequenceLayout? layout, Tape tape)
        {
            Basics.Shape shape = _tensor.Shape.With(0, examples.Length);
            if (layout is not null) shape = shape.With(1, layout.Steps);
            Tensor batch = tape.New(shape, layout);
            ReadOnlySpan<float> from = _tensor.Storage;
            Span<float> to = batch.Storage;
            if (layout is null)
            {
                for (int b = 0; b < examples.Length; b++)
                    from.Slice(examples[b] * _floats, _floats).CopyTo(to[(b * _floats)..]);
            }
            else
            {
                for (int t = 0, row = 0; t < layout.Steps; t++)
                {
                    int offset = Layout!.Offset(t);
                    for (int end = layout.Offset(t + 1), r = 0; row < end; row++, r++)
                        from.Slice((offset + _place![examples[layout.Order[r]]]) * _floats, _floats).CopyTo(to[(row * _floats)..]);
                }
            }
            GC.KeepAlive(_tensor.Handle);
            return batch;
        }
    }
}

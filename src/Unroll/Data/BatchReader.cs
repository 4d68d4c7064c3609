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
    private readonly RowSource[] _inputs, _targets;
    private readonly RowSource?[] _weights;
    private readonly RowSource[] _all;
    private readonly BatchTensors _batch;
    private int[] _lengths = [];

    public BatchReader(Dataset data)
        : this(data.AllInputs, data.AllTargets, data.AllWeights)
    {
    }

    /// <summary>A reader of inputs alone.</summary>
    public BatchReader(params IReadOnlyList<Tensor> inputs)
        : this(inputs, [], [])
    {
    }

    private BatchReader(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> targets, IReadOnlyList<Tensor?> weights)
    {
        _inputs = [.. inputs.Select(tensor => new RowSource(tensor))];
        _targets = [.. targets.Select(tensor => new RowSource(tensor))];
        _weights = [.. weights.Select(tensor => tensor is { } given ? new RowSource(given) : null)];
        _all = [.. _inputs, .. _targets, .. _weights.OfType<RowSource>()];
        for (int i = 0; i < _all.Length; i++) _all[i].ShareLayout(_all.AsSpan(0, i));
        _batch = new BatchTensors(inputs.Count, targets.Count);
    }

    /// <summary>The inputs of these examples, in this order; of a reader of one input.</summary>
    public Tensor ReadInputs(ReadOnlySpan<int> examples, Tape tape) => Read(examples, tape).Inputs[0];

    /// <summary>The examples of these indices, in this order; the object is the same at every call.</summary>
    public BatchTensors Read(ReadOnlySpan<int> examples, Tape tape)
    {
        foreach (RowSource source in _all) source.BatchLayout = source.First is { } first ? first.BatchLayout : LayoutOf(source, examples, tape);
        for (int i = 0; i < _inputs.Length; i++) _batch.Inputs[i] = _inputs[i].Gather(examples, tape);
        for (int i = 0; i < _targets.Length; i++)
        {
            _batch.Targets[i] = _targets[i].Gather(examples, tape);
            _batch.Weights[i] = _weights[i]?.Gather(examples, tape);
        }
        return _batch;
    }

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

        /// <summary>The source whose batches have the same layout, if one was there before.</summary>
        public RowSource? First { get; private set; }

        /// <summary>The layout of the batch being read.</summary>
        public SequenceLayout? BatchLayout { get; set; }

        public void ShareLayout(ReadOnlySpan<RowSource> others)
        {
            foreach (RowSource other in others)
            {
                if (First is not null || other.First is not null || Layout is not { } own || other.Layout is not { } theirs || !own.SameAs(theirs)) continue;
                First = other;
            }
        }

        public Tensor Gather(ReadOnlySpan<int> examples, Tape tape)
        {
            SequenceLayout? layout = BatchLayout;
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

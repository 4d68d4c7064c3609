using Unroll.Basics;
using Unroll.Tensors;

namespace Unroll.Autograd;

/// <summary>
/// The states with which recurrent layers ended, from which a pass that is given them goes on: a long sequence in pieces, or
/// one observation at a time. They are numbers, not operations: no gradient flows into the piece before. Nothing is
/// allocated once every layer has left its state. For one thread at a time.
/// </summary>
public sealed class CarriedStates
{
    private readonly Dictionary<object, Entry> _entries = [];

    /// <summary>Forgets all states, so that the next pass begins a new sequence.</summary>
    public void Clear()
    {
        foreach (Entry entry in _entries.Values) entry.Count = 0;
    }

    /// <summary>Becomes a copy of another's states.</summary>
    public void CopyFrom(CarriedStates other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Clear();
        foreach ((object owner, Entry entry) in other._entries)
        {
            Entry own = EntryOf(owner);
            for (int p = 0; p < entry.Count; p++) own.Next().Set(entry[p]);
        }
    }

    /// <summary>Puts a layer's state into a list, as tensors of a pass that want no gradient; how many there are, 0 where it left none.</summary>
    /// <param name="owner">The layer.</param>
    /// <param name="tape">Where the tensors are made.</param>
    /// <param name="state">Room for them, each [B, F].</param>
    internal int Read(object owner, Tape tape, Span<Tensor> state)
    {
        if (!_entries.TryGetValue(owner, out Entry? entry)) return 0;
        for (int p = 0; p < entry.Count; p++) state[p] = entry[p].On(tape);
        return entry.Count;
    }

    /// <summary>Keeps a layer's state.</summary>
    internal void Keep(object owner, ReadOnlySpan<Tensor> state)
    {
        Entry entry = EntryOf(owner);
        entry.Count = 0;
        foreach (Tensor tensor in state) entry.Next().Set(tensor.Storage, tensor.Shape[0]);
    }

    /// <summary>The states there are, for a checkpoint: their layer, which of its tensors, how many sequences, and the numbers, row-major.</summary>
    internal IEnumerable<(object Owner, int Part, int Sequences, float[] Values)> Save()
    {
        foreach ((object owner, Entry entry) in _entries)
            for (int p = 0; p < entry.Count; p++) yield return (owner, p, entry[p].Rows, entry[p].ToArray());
    }

    /// <summary>Takes back what <see cref="Save"/> gave, a layer's tensors in their order.</summary>
    internal void Load(object owner, int sequences, float[] values) => EntryOf(owner).Next().Set(values, sequences);

    private Entry EntryOf(object owner)
    {
        if (!_entries.TryGetValue(owner, out Entry? entry)) _entries.Add(owner, entry = new Entry());
        return entry;
    }

    /// <summary>A state's tensors; those behind <see cref="Count"/> are memory for later.</summary>
    private sealed class Entry
    {
        private readonly List<Numbers> _parts = [];

        public int Count { get; set; }

        public Numbers this[int part] => _parts[part];

        public Numbers Next()
        {
            if (Count == _parts.Count) _parts.Add(new Numbers());
            return _parts[Count++];
        }
    }

    /// <summary>A matrix [B, F] with memory of its own.</summary>
    private sealed class Numbers
    {
        private float[] _values = [];
        private int _length;

        public int Rows { get; private set; }

        public void Set(Numbers other) => Set(other._values.AsSpan(0, other._length), other.Rows);

        public void Set(ReadOnlySpan<float> values, int rows)
        {
            if (_values.Length < values.Length) _values = new float[values.Length];
            values.CopyTo(_values);
            (_length, Rows) = (values.Length, rows);
        }

        public float[] ToArray() => _values.AsSpan(0, _length).ToArray();

        public Tensor On(Tape tape)
        {
            Tensor tensor = tape.New(new Shape(Rows, Rows == 0 ? 0 : _length / Rows));
            _values.AsSpan(0, _length).CopyTo(tensor.Storage);
            return tensor;
        }
    }
}

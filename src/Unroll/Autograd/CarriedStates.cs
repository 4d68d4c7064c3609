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
        foreach (Entry entry in _entries.Values) entry.IsSet = false;
    }

    /// <summary>Becomes a copy of another's states.</summary>
    public void CopyFrom(CarriedStates other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Clear();
        foreach ((object owner, Entry entry) in other._entries)
        {
            if (!entry.IsSet) continue;
            Entry own = EntryOf(owner);
            own.Hidden.Set(entry.Hidden);
            own.Carry.Set(entry.Carry);
            own.IsSet = true;
        }
    }

    /// <summary>A layer's state as tensors of a pass that want no gradient; false where it left none.</summary>
    /// <param name="owner">The layer.</param>
    /// <param name="tape">Where the tensors are made.</param>
    /// <param name="hidden">[B, H].</param>
    /// <param name="carry">[B, H], or null for a layer without cell states.</param>
    internal bool TryRead(object owner, Tape tape, out Tensor hidden, out Tensor? carry)
    {
        (hidden, carry) = (default, null);
        if (!_entries.TryGetValue(owner, out Entry? entry) || !entry.IsSet) return false;
        hidden = entry.Hidden.On(tape);
        carry = entry.Carry.Length > 0 ? entry.Carry.On(tape) : null;
        return true;
    }

    /// <summary>Keeps a layer's state.</summary>
    internal void Keep(object owner, Tensor hidden, Tensor? carry)
    {
        Entry entry = EntryOf(owner);
        entry.Hidden.Set(hidden);
        if (carry is { } cell) entry.Carry.Set(cell);
        else entry.Carry.Length = 0;
        entry.IsSet = true;
    }

    /// <summary>The states there are, for a checkpoint: their layer, how many sequences, and the numbers, row-major.</summary>
    internal IEnumerable<(object Owner, int Sequences, float[] Hidden, float[] Carry)> Save()
    {
        foreach ((object owner, Entry entry) in _entries)
            if (entry.IsSet) yield return (owner, entry.Hidden.Rows, entry.Hidden.ToArray(), entry.Carry.ToArray());
    }

    /// <summary>Takes back one of those that <see cref="Save"/> gave.</summary>
    internal void Load(object owner, int sequences, float[] hidden, float[] carry)
    {
        Entry entry = EntryOf(owner);
        entry.Hidden.Set(hidden, sequences);
        entry.Carry.Set(carry, sequences);
        entry.IsSet = true;
    }

    private Entry EntryOf(object owner)
    {
        if (!_entries.TryGetValue(owner, out Entry? entry)) _entries.Add(owner, entry = new Entry());
        return entry;
    }

    private sealed class Entry
    {
        public bool IsSet { get; set; }

        public Numbers Hidden { get; } = new();

        public Numbers Carry { get; } = new();
    }

    /// <summary>A matrix [B, H] with memory of its own.</summary>
    private sealed class Numbers
    {
        private float[] _values = [];

        public int Rows { get; private set; }

        public int Length { get; set; }

        public void Set(Tensor tensor) => Set(tensor.Storage, tensor.Shape[0]);

        public void Set(Numbers other) => Set(other._values.AsSpan(0, other.Length), other.Rows);

        public float[] ToArray() => _values.AsSpan(0, Length).ToArray();

        public Tensor On(Tape tape)
        {
            Tensor tensor = tape.New(new Shape(Rows, Rows == 0 ? 0 : Length / Rows));
            _values.AsSpan(0, Length).CopyTo(tensor.Storage);
            return tensor;
        }

        public void Set(ReadOnlySpan<float> values, int rows)
        {
            if (_values.Length < values.Length) _values = new float[values.Length];
            values.CopyTo(_values);
            (Length, Rows) = (values.Length, rows);
        }
    }
}

using Unroll.Kernels.Attention;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Autograd;

/// <summary>
/// The keys and values of earlier steps, by attention layer, for sequences that are computed step by step. All have as many steps. Memory grows
/// by doubling; a step allocates nothing otherwise. For one thread at a time.
/// </summary>
internal sealed unsafe class KeyValueCache
{
    private readonly Dictionary<object, Memory> _memories = [];
    private readonly List<(int From, int To)> _copies = [];
    private int[] _slots, _next = []; // where each row's numbers lie
    private bool[] _taken = [];
    private NativeBlock _slotBlock;

    /// <param name="rows">How many sequences begin.</param>
    public KeyValueCache(int rows)
    {
        _slots = [.. Enumerable.Range(0, rows)];
        _slotBlock = new NativeBlock(rows);
        Rows = SlotCount = rows;
        PublishSlots();
    }

    /// <summary>How many steps of each sequence it holds.</summary>
    public int Steps { get; private set; }

    /// <summary>How many sequences there are.</summary>
    public int Rows { get; private set; }

    private int SlotCount { get; set; }

    /// <summary>Tells that every layer has taken so many steps more.</summary>
    public void Advance(int steps) => Steps += steps;

    /// <summary>Row i becomes what row <c>sources[i]</c> was. Numbers move only where a row is repeated.</summary>
    public void Select(ReadOnlySpan<int> sources)
    {
        if (_taken.Length < SlotCount + sources.Length) _taken = new bool[2 * (SlotCount + sources.Length)];
        if (_next.Length < sources.Length) _next = new int[2 * sources.Length];
        Array.Clear(_taken);
        _copies.Clear();
        for (int i = 0; i < sources.Length; i++)
        {
            int slot = _slots[sources[i]];
            _next[i] = _taken[slot] ? ~slot : slot;
            _taken[slot] = true;
        }
        int free = 0;
        for (int i = 0; i < sources.Length; i++)
        {
            if (_next[i] >= 0) continue;
            while (_taken[free]) free++;
            _copies.Add((~_next[i], free));
            (_next[i], _taken[free]) = (free, true);
        }
        foreach ((_, int to) in _copies) SlotCount = Math.Max(SlotCount, to + 1);
        foreach (Memory memory in _memories.Values)
        {
            memory.Reserve(SlotCount, 0, Steps);
            foreach ((int from, int to) in _copies) memory.Copy(from, to, Steps);
        }
        (_slots, _next) = (_next, _slots);
        Rows = sources.Length;
        if (_slotBlock.Capacity < Rows) _slotBlock = new NativeBlock(2 * Rows);
        PublishSlots();
    }

    /// <summary>Room for the next steps of a layer's keys and values.</summary>
    /// <param name="layer">Whose.</param>
    /// <param name="heads">How many.</param>
    /// <param name="width">Columns of a head's keys.</param>
    /// <param name="valueWidth">Columns of a head's values.</param>
    /// <param name="steps">How many will be added.</param>
    public KeyValueMemory Of(object layer, int heads, int width, int valueWidth, int steps)
    {
        if (!_memories.TryGetValue(layer, out Memory? memory)) _memories.Add(layer, memory = new Memory(heads, width, valueWidth));
        memory.Reserve(SlotCount, Steps + steps, Steps);
        return memory.View((int*)_slotBlock.Pointer);
    }

    /// <summary>The keys and values of sequences that are listened to from beginning to end, which a layer has kept; false before.</summary>
    public bool TryGetFixed(object layer, out KeyValueMemory view)
    {
        bool known = _memories.TryGetValue(layer, out Memory? memory);
        view = known ? memory!.View((int*)_slotBlock.Pointer) : default;
        return known;
    }

    /// <summary>Room for keys and values of sequences that are listened to from beginning to end.</summary>
    /// <param name="layer">Whose.</param>
    /// <param name="heads">How many.</param>
    /// <param name="width">Columns of a head's keys.</param>
    /// <param name="valueWidth">Columns of a head's values.</param>
    /// <param name="lengths">Of each sequence.</param>
    /// <param name="steps">T.</param>
    public KeyValueMemory NewFixed(object layer, int heads, int width, int valueWidth, ReadOnlySpan<int> lengths, int steps)
    {
        var memory = new Memory(heads, width, valueWidth);
        _memories.Add(layer, memory);
        memory.Reserve(SlotCount, Math.Max(steps, 1), 0);
        memory.SetLengths(lengths, steps, SlotCount);
        return memory.View((int*)_slotBlock.Pointer);
    }

    private void PublishSlots()
    {
        var slots = (int*)_slotBlock.Pointer;
        for (int i = 0; i < Rows; i++) slots[i] = _slots[i];
    }

    /// <summary>One layer's.</summary>
    private sealed class Memory(int heads, int width, int valueWidth)
    {
        private const int LeastSteps = 4 * PanelLayout.GroupSize;

        private readonly int _width = PanelLayout.PadToGroup(width), _valueWidth = PanelLayout.PadToGroup(valueWidth);
        private NativeBlock? _keys, _values, _lengths;
        private int _slots, _capacity;

        public KeyValueMemory View(int* slots) => new()
        {
            Keys = _keys!.Pointer,
            Values = _values!.Pointer,
            Lengths = _lengths is null ? null : (int*)_lengths.Pointer,
            Slots = slots,
            Capacity = _capacity,
        };

        /// <summary>Room for slots and steps; what <paramref name="used"/> steps hold stays.</summary>
        public void Reserve(int slots, int steps, int used)
        {
            if (slots <= _slots && steps <= _capacity) return;
            int newSlots = slots <= _slots ? _slots : Math.Max(slots, 2 * _slots);
            int capacity = steps <= _capacity ? _capacity : PanelLayout.PadToGroup(Math.Max(Math.Max(steps, 2 * _capacity), LeastSteps));
            (NativeBlock? keys, NativeBlock? values, int before, int oldSlots, NativeBlock? lengths) = (_keys, _values, _capacity, _slots, _lengths);
            _keys = new NativeBlock((long)newSlots * heads * capacity * _width);
            _values = new NativeBlock((long)newSlots * heads * capacity * _valueWidth);
            (_slots, _capacity) = (newSlots, capacity);
            if (lengths is not null)
            {
                _lengths = new NativeBlock(newSlots);
                RowCopy.Copy(lengths.Pointer, _lengths.Pointer, oldSlots);
                used = before;
            }
            for (int pair = 0; keys is not null && pair < oldSlots * heads; pair++)
                CopyPair(keys.Pointer, values!.Pointer, before, pair, pair, used);
            keys?.Free();
            values?.Free();
            lengths?.Free();
        }

        public void SetLengths(ReadOnlySpan<int> lengths, int steps, int rows)
        {
            _lengths = new NativeBlock(_slots);
            for (int row = 0; row < rows; row++) ((int*)_lengths.Pointer)[row] = lengths.IsEmpty ? steps : lengths[row];
        }

        public void Copy(int from, int to, int steps)
        {
            if (_lengths is not null) steps = ((int*)_lengths.Pointer)[to] = ((int*)_lengths.Pointer)[from];
            for (int head = 0; head < heads; head++) CopyPair(_keys!.Pointer, _values!.Pointer, _capacity, from * heads + head, to * heads + head, steps);
        }

        private void CopyPair(float* keys, float* values, int capacity, int from, int to, int steps)
        {
            RowCopy.Copy(keys + (nint)from * capacity * _width, _keys!.Pointer + (nint)to * _capacity * _width, PanelLayout.PadToGroup(steps) * _width);
            float* source = values + (nint)from * capacity * _valueWidth, target = _values!.Pointer + (nint)to * _capacity * _valueWidth;
            for (int column = 0; column < _valueWidth; column += PanelLayout.GroupSize)
                RowCopy.Copy(source + (nint)column * capacity, target + (nint)column * _capacity, steps * PanelLayout.GroupSize);
        }
    }
}

namespace Unroll.Tensors;

/// <summary>
/// Native memory that is rented in pieces and taken back all at once. Once it has seen its largest pass it is one block of
/// exactly that size, whatever the shapes of the passes before and after.
/// </summary>
internal sealed unsafe class Arena
{
    private const long Line = 16;               // floats of a cache line, to which every piece is aligned
    private const long SmallestBlock = 1 << 14; // floats of the first block, while nobody knows how many are wanted

    private readonly List<NativeBlock> _blocks = [];
    private long _free;    // floats left in the last block
    private long _largest; // floats of the largest pass

    /// <summary>Bytes held, rented or not.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>Bytes rented since the last <see cref="Reset"/>.</summary>
    public long RentedBytes { get; private set; }

    /// <summary>Memory for some floats, aligned to a cache line, valid until <see cref="Reset"/>; its content is not set.</summary>
    public float* Rent(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        long floats = Math.Max(1, (length + Line - 1) / Line) * Line;
        if (RentedBytes == 0) BeginPass();
        if (floats > _free) Grow(floats);
        float* piece = _blocks[^1].Pointer + (_blocks[^1].Capacity - _free);
        _free -= floats;
        RentedBytes += floats * sizeof(float);
        return piece;
    }

    /// <summary>Takes all pieces back.</summary>
    public void Reset()
    {
        _largest = Math.Max(_largest, RentedBytes / sizeof(float));
        RentedBytes = 0;
    }

    /// <summary>What the passes before have grown block by block becomes one block of the size they needed.</summary>
    private void BeginPass()
    {
        if (_blocks.Count > 1 || (_blocks.Count == 1 && _blocks[0].Capacity != _largest))
        {
            foreach (NativeBlock block in _blocks) block.Free();
            _blocks.Clear();
            AllocatedBytes = 0;
        }
        if (_blocks.Count == 0 && _largest > 0) Add(_largest);
        else if (_blocks.Count == 1) _free = _blocks[0].Capacity;
    }

    private void Grow(long floats) => Add(Math.Max(floats, Math.Max(SmallestBlock, AllocatedBytes / sizeof(float) / 4)));

    private void Add(long floats)
    {
        _blocks.Add(new NativeBlock(floats));
        _free = floats;
        AllocatedBytes += floats * sizeof(float);
    }
}

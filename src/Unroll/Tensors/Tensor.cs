using Unroll.Basics;
using Unroll.Kernels.Layouts;

namespace Unroll.Tensors;

/// <summary>
/// An array of floats with a shape, batch first: [B, F] or [B, T, F]. A handle: copying it copies no numbers. A tensor
/// made on a tape is recycled when the tape is reset, and using it afterwards throws; one made here lives until the
/// last handle is gone.
/// </summary>
/// <remarks>
/// Sequences of unequal length carry their lengths with them (<see cref="WithLengths"/>); padding is not stored and
/// reads as zero. Token ids and class indices are floats too: exact up to 16,777,216.
/// </remarks>
public readonly unsafe struct Tensor
{
    internal readonly TensorBuffer? Handle;
    internal readonly int Generation;

    internal Tensor(TensorBuffer buffer)
    {
        Handle = buffer;
        Generation = buffer.Generation;
    }

    /// <summary>The shape, padding included: [B, T, F] whatever the lengths.</summary>
    public Shape Shape => Buffer.Shape;

    /// <summary>The real length of each sequence, or empty where every step is real because no lengths were given.</summary>
    public ReadOnlySpan<int> Lengths => Layout is { } layout ? layout.Lengths : default;

    /// <summary>Whether this is no tensor at all (<c>default</c>).</summary>
    public bool IsDefault => Handle is null;

    internal SequenceLayout? Layout => Buffer.Layout;

    /// <summary>Rows that exist in memory; see <see cref="TensorBuffer.Rows"/>.</summary>
    internal int Rows => Buffer.Rows;

    internal int Features => Buffer.Features;

    internal int StoredLength => Buffer.Length;

    /// <summary>The buffer, checked to be still this tensor's.</summary>
    internal TensorBuffer Buffer
    {
        get
        {
            TensorBuffer buffer = Handle ?? throw new InvalidOperationException("This tensor is empty (default); make one with Tensor.FromArray or an operation.");
            if (buffer.Generation != Generation)
                throw new ObjectDisposedException(nameof(Tensor), "This tensor was made on a tape that has been reset since; copy it with ToArray() before the reset.");
            return buffer;
        }
    }

    /// <summary>Zeros.</summary>
    public static Tensor Zeros(params ReadOnlySpan<int> shape) => Create(new Shape(shape), null);

    /// <summary>A copy of <paramref name="values"/> in row-major order.</summary>
    /// <exception cref="ArgumentException">The count is not the shape's.</exception>
    public static Tensor FromArray(ReadOnlySpan<float> values, params ReadOnlySpan<int> shape)
    {
        var wanted = new Shape(shape);
        if (!wanted.IsKnown || wanted.Length != values.Length)
            throw new ArgumentException($"Tensor: shape {wanted} holds {(wanted.IsKnown ? wanted.Length : -1)} numbers, received {values.Length}.", nameof(values));
        Tensor tensor = Create(wanted, null);
        values.CopyTo(tensor.Storage);
        return tensor;
    }

    /// <summary>A copy of [B, T] or [rows, features].</summary>
    public static Tensor FromArray(float[,] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return FromArray(System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpan(ref FirstOf(values), values.Length), values.GetLength(0), values.GetLength(1));
    }

    /// <summary>A copy of [B, T, F].</summary>
    public static Tensor FromArray(float[,,] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return FromArray(System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpan(ref FirstOf(values), values.Length), values.GetLength(0), values.GetLength(1), values.GetLength(2));
    }

    /// <summary>Sequences of unequal length, each [steps, features], as one tensor [B, longest, F] with lengths.</summary>
    /// <exception cref="ArgumentException">No sequence, or different feature counts.</exception>
    public static Tensor FromSequences(IReadOnlyList<float[,]> sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        if (sequences.Count == 0) throw new ArgumentException("Expected at least one sequence, received none.", nameof(sequences));
        int features = sequences[0].GetLength(1), steps = 0;
        var lengths = new int[sequences.Count];
        for (int b = 0; b < lengths.Length; b++)
        {
            if (sequences[b].GetLength(1) != features)
                throw new ArgumentException($"Sequence {b} has {sequences[b].GetLength(1)} features; sequence 0 has {features}.", nameof(sequences));
            lengths[b] = sequences[b].GetLength(0);
            steps = Math.Max(steps, lengths[b]);
        }
        var layout = new SequenceLayout();
        layout.Set(lengths, steps);
        Tensor tensor = Create(new Shape(lengths.Length, steps, features), layout);
        Span<float> storage = tensor.Storage;
        for (int t = 0; t < steps; t++)
            for (int r = 0; r < layout.RowsAt(t); r++)
            {
                float[,] sequence = sequences[layout.Order[r]];
                for (int f = 0; f < features; f++) storage[(layout.Offset(t) + r) * features + f] = sequence[t, f];
            }
        return tensor;
    }

    /// <summary>Sequences of token ids of unequal length as one tensor [B, longest] with lengths.</summary>
    public static Tensor FromTokens(IReadOnlyList<int[]> sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        if (sequences.Count == 0) throw new ArgumentException("Expected at least one sequence, received none.", nameof(sequences));
        int[] lengths = [.. sequences.Select(s => s.Length)];
        var layout = new SequenceLayout();
        layout.Set(lengths, lengths.Max());
        Tensor tensor = Create(new Shape(lengths.Length, layout.Steps), layout);
        Span<float> storage = tensor.Storage;
        for (int t = 0; t < layout.Steps; t++)
            for (int r = 0; r < layout.RowsAt(t); r++)
                storage[layout.Offset(t) + r] = sequences[layout.Order[r]][t];
        return tensor;
    }

    /// <summary>A copy of this [B, T] or [B, T, F] in which only the first <c>lengths[b]</c> steps of sequence b are real.</summary>
    /// <exception cref="ArgumentException">Another count than B, or a length outside 0 to T.</exception>
    public Tensor WithLengths(ReadOnlySpan<int> lengths)
    {
        Shape shape = Shape;
        if (shape.Rank < 2) throw new ArgumentException($"Lengths need a tensor [batch, time, …]; this one is {shape}.");
        if (lengths.Length != shape[0]) throw new ArgumentException($"Expected {shape[0]} lengths, one a sequence, received {lengths.Length}.", nameof(lengths));
        var layout = new SequenceLayout();
        layout.Set(lengths, shape[1]);
        Tensor packed = Create(shape, layout);
        float[] dense = ToArray();
        if (dense.Length > 0) PackRows.Pack(layout, dense, packed.Storage);
        return packed;
    }

    /// <summary>The numbers, row-major and padded with zeros.</summary>
    public float[] ToArray()
    {
        float[] dense = new float[Shape.Length];
        CopyTo(dense);
        return dense;
    }

    /// <summary>Copies the numbers, row-major and padded with zeros.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than the shape's length.</exception>
    public void CopyTo(Span<float> destination)
    {
        int length = Shape.Length;
        if (destination.Length < length) throw new ArgumentException($"Expected room for {length} numbers, received {destination.Length}.", nameof(destination));
        if (Layout is { } layout) PackRows.Unpack(layout, Storage, destination[..length]);
        else Storage.CopyTo(destination);
        GC.KeepAlive(Handle);
    }

    /// <summary>The single number of a tensor that holds one.</summary>
    /// <exception cref="InvalidOperationException">It holds another count.</exception>
    public float Item => StoredLength == 1 ? Storage[0] : throw new InvalidOperationException($"Item needs a tensor of one number; this one is {Shape}.");

    /// <summary>The numbers that exist, as they lie. The caller keeps the tensor alive.</summary>
    internal Span<float> Storage => new(Buffer.Values, StoredLength);

    /// <summary>A tensor of its own memory, on no tape.</summary>
    internal static Tensor Create(Shape shape, SequenceLayout? layout)
    {
        if (!shape.IsKnown) throw new ArgumentException($"A tensor's shape has no unknown axis; received {shape}.");
        var buffer = new TensorBuffer { Shape = shape, Layout = layout };
        buffer.ValueBlock = new NativeBlock(buffer.Length);
        buffer.Values = buffer.ValueBlock.Pointer;
        return new Tensor(buffer);
    }

    /// <summary>For example <c>Tensor [32, 10, 16]</c>.</summary>
    public override string ToString() => Handle is null ? "Tensor (empty)" : $"Tensor {Shape}";

    private static ref float FirstOf(Array values) =>
        ref System.Runtime.CompilerServices.Unsafe.As<byte, float>(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(values));
}

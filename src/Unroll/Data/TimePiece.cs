using Unroll.Autograd;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Data;

/// <summary>Some neighbouring steps of sequences, as a tensor on a tape. After the first pieces nothing is allocated.</summary>
internal static unsafe class TimePiece
{
    /// <summary>Steps <paramref name="start"/> to <paramref name="end"/> − 1 of [B, T, …]; sequences that end earlier have fewer, or none.</summary>
    public static Tensor Of(Tape tape, Tensor x, int start, int end)
    {
        int batch = x.Shape[0], steps = x.Shape[1], count = end - start, features = 1;
        for (int axis = 2; axis < x.Shape.Rank; axis++) features *= x.Shape[axis];
        ReadOnlySpan<float> from = x.Storage;
        if (x.Layout is not { } whole)
        {
            Tensor dense = tape.New(x.Shape.With(1, count));
            for (int b = 0; b < batch; b++)
                from.Slice((b * steps + start) * features, count * features).CopyTo(dense.Storage[(b * count * features)..]);
            GC.KeepAlive(x.Handle);
            return dense;
        }
        var lengths = new Span<int>(tape.Scratch(batch), batch);
        var places = new Span<int>(tape.Scratch(batch), batch); // of each sequence among the sorted rows of a step
        for (int r = 0; r < batch; r++)
        {
            places[whole.Order[r]] = r;
            lengths[r] = Math.Clamp(whole.Lengths[r] - start, 0, count);
        }
        SequenceLayout layout = tape.NewLayout();
        layout.Set(lengths, count);
        Tensor piece = tape.New(x.Shape.With(1, count), layout);
        Span<float> to = piece.Storage;
        for (int t = 0; t < count; t++)
            for (int r = 0; r < layout.RowsAt(t); r++)
                from.Slice((whole.Offset(start + t) + places[layout.Order[r]]) * features, features).CopyTo(to[((layout.Offset(t) + r) * features)..]);
        GC.KeepAlive(x.Handle);
        return piece;
    }
}

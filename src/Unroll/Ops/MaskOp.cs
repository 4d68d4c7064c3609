using Unroll.Autograd;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// The steps of [B, T, …] with a number other than the mask's, packed by time as if the others were not there; each keeps its
/// place on the time axis. Masked steps read as zeros and get no gradient.
/// </summary>
internal static unsafe class MaskOp
{
    /// <exception cref="ArgumentException">Fewer than three axes.</exception>
    public static Tensor Of(Tape tape, Tensor x, float mask)
    {
        if (x.Shape.Rank < 3) throw new ArgumentException($"Mask: expected [batch, time, …], received {x.Shape}.");
        int batch = x.Shape[0], steps = x.Shape[1], features = PackOp.FeaturesOf(x.Shape);
        int* spans = (int*)tape.Scratch(batch);
        bool* isReal = (bool*)tape.Scratch(((long)batch * steps + sizeof(float) - 1) / sizeof(float));
        new Span<bool>(isReal, batch * steps).Clear();
        float* values = tape.Read(x);
        if (x.Layout is { } packed)
        {
            (packed.HasGaps ? packed.Spans : packed.Lengths).CopyTo(new Span<int>(spans, batch));
            for (int t = 0; t < steps; t++)
                for (int r = 0, rows = packed.RowsAt(t); r < rows; r++)
                    isReal[packed.Order[r] * steps + packed.PlaceOf(t, r)] = IsReal(packed.Offset(t) + r);
        }
        else
        {
            new Span<int>(spans, batch).Fill(steps);
            for (int row = 0; row < batch * steps; row++) isReal[row] = IsReal(row);
        }
        SequenceLayout layout = tape.NewLayout();
        layout.SetMarked(new ReadOnlySpan<int>(spans, batch), steps, new ReadOnlySpan<bool>(isReal, batch * steps));
        return PackOp.Of(tape, UnpackOp.Of(tape, x), layout);

        bool IsReal(int row) => new ReadOnlySpan<float>(values + (nint)row * features, features).ContainsAnyExcept(mask);
    }
}

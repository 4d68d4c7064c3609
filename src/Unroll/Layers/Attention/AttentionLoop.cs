using System.Buffers;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>The loop over queries around a layer that looks back at earlier weights. Sequences whose queries have ended take no part.</summary>
internal static class AttentionLoop
{
    /// <summary>Attends to one query of every sequence after another.</summary>
    /// <param name="layer">Whose <see cref="AttentionLayer.Attend(Tensor, in AttentionMemory, Pass, out Tensor)"/> is called.</param>
    /// <param name="queries">[B, Tq, Q].</param>
    /// <param name="memory">From <see cref="AttentionLayer.Remember"/>.</param>
    /// <param name="pass">Tape and training flag.</param>
    /// <param name="weights">[B, Tq, Tk], with the queries' lengths.</param>
    /// <returns>[B, Tq, V], with the queries' lengths.</returns>
    public static Tensor Run(AttentionLayer layer, Tensor queries, AttentionMemory memory, Pass pass, out Tensor weights)
    {
        Tape tape = pass.Tape;
        int batch = queries.Shape[0], steps = queries.Shape[1], count = Math.Max(1, queries.Layout is { } layout ? layout.Longest : queries.Shape[1]);
        if (steps == 0) throw new ArgumentException($"{layer.Title}: expected at least one query, received {queries.Shape}.", nameof(queries));
        Tensor[] outputs = ArrayPool<Tensor>.Shared.Rent(steps), all = ArrayPool<Tensor>.Shared.Rent(steps);
        for (int t = 0; t < count; t++)
        {
            Tensor output = layer.Attend(Query(tape, queries, t), in memory, pass with { TimeStep = t }, out Tensor now);
            now = UnpackOp.Of(tape, now);
            memory = memory with { Previous = now, Total = t == 0 ? now : AddOp.Of(tape, memory.Total, now) };
            outputs[t] = RowRangeOp.Of(tape, UnpackOp.Of(tape, output), 0, batch);
            all[t] = RowRangeOp.Of(tape, now, 0, batch);
        }
        // Steps behind the longest sequence have no rows.
        outputs.AsSpan(count, steps - count).Fill(outputs[0]);
        all.AsSpan(count, steps - count).Fill(all[0]);
        Tensor result = StackStepsOp.Of(tape, outputs.AsSpan(0, steps), queries.Layout);
        weights = StackStepsOp.Of(tape, all.AsSpan(0, steps), queries.Layout);
        ArrayPool<Tensor>.Shared.Return(outputs, clearArray: true);
        ArrayPool<Tensor>.Shared.Return(all, clearArray: true);
        return result;
    }

    /// <summary>Query t of each sequence as [B, 1, Q], with lengths 0 and 1 where some have ended.</summary>
    private static unsafe Tensor Query(Tape tape, Tensor queries, int t)
    {
        int batch = queries.Shape[0];
        Tensor query = ReshapeOp.Stored(tape, SelectStepOp.Of(tape, queries, t), new Shape(batch, 1, queries.Features), null);
        if (queries.Layout is not { } layout || layout.RowsAt(t) == batch) return query;
        var lengths = new Span<int>(tape.Scratch(batch), batch);
        for (int b = 0; b < batch; b++) lengths[b] = layout.Lengths[b] > t ? 1 : 0;
        SequenceLayout active = tape.NewLayout();
        active.Set(lengths, 1);
        return PackOp.Of(tape, query, active);
    }
}

using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// Rows of a table by id: ids [B, T] become [B, T, U]. Backward adds each row's gradient to its id's row of the table,
/// in the order of the stored rows, so that ids met twice sum the same way everywhere.
/// </summary>
internal static unsafe class EmbeddingOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="ids">Whole numbers from 0 to V − 1, as floats.</param>
    /// <param name="table">[V, U], row-major.</param>
    /// <param name="paddingIndex">The id whose row gets no gradient, if any.</param>
    /// <param name="zeroPadding">Whether that id reads zeros, whatever the table holds.</param>
    /// <exception cref="ArgumentException">An id that is no whole number, or not in the table.</exception>
    public static Tensor Of(Tape tape, Tensor ids, Parameter table, int? paddingIndex = null, bool zeroPadding = false)
    {
        int vocabulary = table.Shape[0], units = table.Shape[1], padding = paddingIndex ?? -1;
        Tensor y = tape.New(WithUnits(ids.Shape, units), ids.Layout, tape.Needs(table));
        float* id = tape.Read(ids);
        int count = ids.StoredLength;
        for (int n = 0; n < count; n++)
            if ((int)id[n] != id[n] || (uint)(int)id[n] >= (uint)vocabulary) Refuse(ids, n, id[n], vocabulary);
        TableRows.Gather(tape.Read(table), id, zeroPadding ? padding : -1, tape.Read(y), count, units);
        if (!zeroPadding || padding < 0) y.Buffer.Lookup = new TableLookup(table, ids, padding);
        if (tape.Needs(table))
        {
            Node node = tape.Record<Node>();
            (node.Ids, node.Y, node.Table, node.Padding) = (ids, y, table, padding);
        }
        return y;
    }

    private static Shape WithUnits(Shape ids, int units)
    {
        Span<int> axes = stackalloc int[Shape.MaximumRank];
        if (ids.Rank >= Shape.MaximumRank) throw new ArgumentException($"Embedding: expected ids with fewer axes, received {ids}.");
        for (int i = 0; i < ids.Rank; i++) axes[i] = ids[i];
        axes[ids.Rank] = units;
        return new Shape(axes[..(ids.Rank + 1)]);
    }

    private static void Refuse(Tensor ids, int stored, float found, int vocabulary)
    {
        string number = found.ToString(System.Globalization.CultureInfo.InvariantCulture);
        throw new ArgumentException(
            $"Embedding: {StoredPlace.Of(ids, stored, hasTime: true)}: expected a whole number from 0 to {vocabulary - 1} (the vocabulary has {vocabulary} entries), found {number}.");
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor Ids, Y;
        public Parameter Table = null!;
        public int Padding;

        public override void Backward(Tape tape)
        {
            float* to = Tape.Gradient(Table);
            if (to == null || !Tape.HasGradient(Y)) return;
            TableRows.Scatter(to, tape.Read(Ids), Padding, tape.Gradient(Y), Ids.StoredLength, Table.Shape[1]);
        }

        public override void Clear()
        {
            Ids = Y = default;
            Table = null!;
        }
    }
}

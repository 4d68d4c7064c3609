using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Some steps of each sequence by their places: [B, T, F] to [B, P, F], y_p = x_k, k the place p. What follows costs nothing at the other steps: BERT's
/// pre-training computes logits only where a token is hidden (Devlin et al. 2019, arXiv 1810.04805; the authors' program).
/// </summary>
/// <remarks>
/// Inputs <c>Of(x, places)</c>, x [B, T, F] and whole numbers [B, P] from 0, real steps counted. The output has the places' lengths. A place may come
/// more than once; its gradients add up.
/// </remarks>
/// <param name="name">Unique in its model; null for "select_steps" …</param>
public sealed class SelectSteps(string? name = null) : MultipleInputLayer(name)
{
    internal const string KindName = "select_steps";

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(ReadOnlySpan<Shape> inputs)
    {
        if (inputs.Length != 2) throw OtherCount(inputs.Length);
        (Shape x, Shape places) = (inputs[0], inputs[1]);
        TimeAxis.RequireFeatures(this, x);
        if (places.Rank != 2 || !Shape.Meet(places[0], x[0]))
            throw new ArgumentException($"{Title}: expected places [batch, count] for the sequences of {x}, received {places}.", nameof(inputs));
        return new Shape(x[0], places[1], x[2]);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A place that is no real step of its sequence.</exception>
    public override unsafe Tensor Forward(ReadOnlySpan<Tensor> inputs, Pass pass)
    {
        if (inputs.Length != 2) throw OtherCount(inputs.Length);
        (Tensor x, Tensor places) = (inputs[0], inputs[1]);
        Shape shape = OutputShapeOf([x.Shape, places.Shape]);
        return SelectRowsOp.Of(pass.Tape, x, RowsOf(x, places, pass.Tape), shape, places.Layout);
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
    }

    /// <summary>The stored row of x for each stored place.</summary>
    private unsafe int* RowsOf(Tensor x, Tensor places, Tape tape)
    {
        (int batch, int steps, int count) = (x.Shape[0], x.Shape[1], places.Shape[1]);
        int* rows = (int*)tape.Scratch(places.StoredLength), sorted = (int*)tape.Scratch(batch);
        for (int r = 0; r < batch; r++) sorted[x.Layout is { } order ? order.Order[r] : r] = r;
        ReadOnlySpan<float> given = places.Storage;
        for (int p = 0; p < count; p++)
            for (int r = 0, end = places.Layout?.RowsAt(p) ?? batch; r < end; r++)
            {
                (int b, int stored) = places.Layout is { } layout ? (layout.Order[r], layout.Offset(p) + r) : (r, r * count + p);
                int length = x.Layout?.Lengths[b] ?? steps, step = (int)given[stored];
                if (step != given[stored] || (uint)step >= (uint)length) Refuse(b, p, given[stored], length);
                rows[stored] = x.Layout is { } packed ? packed.Offset(step) + sorted[b] : b * steps + step;
            }
        return rows;
    }

    private ArgumentException OtherCount(int count) => new($"{Title}: expected two inputs, what is read and the places, received {count}. Apply it with Of(x, places) in a functional model.");

    private void Refuse(int sequence, int place, float found, int length) => throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
        $"{Title}: place {place} of sequence {sequence} is {found}; expected a whole number from 0 to {length - 1}, as the sequence has {length} steps."));
}

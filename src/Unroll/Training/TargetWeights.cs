using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Losses;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>How much each row of the outputs (an example, or a real step of one) counts. All memory is the tape's.</summary>
internal static unsafe class TargetWeights
{
    /// <summary>Weights [B] or [B, T] for each row of the outputs, in their order.</summary>
    /// <exception cref="ArgumentException">Weights of another shape.</exception>
    public static Span<float> OfRows(Tape tape, Tensor weights, Tensor outputs)
    {
        int rows = outputs.Rows, batch = outputs.Shape[0];
        var result = new Span<float>(tape.Scratch(rows), rows);
        ReadOnlySpan<float> given = weights.Storage;
        bool aligned = weights.Layout is null ? outputs.Layout is null : outputs.Layout is not null && weights.Layout.SameAs(outputs.Layout);
        if (given.Length == batch && weights.Layout is null)
        {
            if (outputs.Layout is { Rows: > 0 } layout)
            {
                int rowsAStep = rows / layout.Rows;
                for (int t = 0; t < layout.Steps; t++)
                    for (int r = 0; r < layout.RowsAt(t); r++)
                        result.Slice((layout.Offset(t) + r) * rowsAStep, rowsAStep).Fill(given[layout.Order[r]]);
            }
            else
            {
                for (int row = 0; row < rows; row++) result[row] = given[row / (rows / batch)];
            }
        }
        else if (aligned && given.Length > 0 && rows % given.Length == 0)
        {
            for (int row = 0; row < rows; row++) result[row] = given[row / (rows / given.Length)];
        }
        else if (rows > 0)
        {
            throw new ArgumentException($"Weights: expected one an example, [{batch}], or one a step, for outputs {outputs.Shape}, received {weights.Shape}.", nameof(weights));
        }
        GC.KeepAlive(weights.Handle);
        return result;
    }

    /// <summary>Weights [B] or [B, T] that count each row by its target's class, and by <paramref name="weights"/> too.</summary>
    /// <param name="tape">Where the result is made.</param>
    /// <param name="outputs">[B, C] or [B, T, C].</param>
    /// <param name="targets">Class indices or zeros and ones, one a row, or rows as wide as the outputs whose largest number is the class's.</param>
    /// <param name="weights">[B] or [B, T]; null for ones.</param>
    /// <param name="classWeights">By class; a class not named weighs 1.</param>
    /// <exception cref="ArgumentException">Targets with other rows than the outputs.</exception>
    public static Tensor ByClass(Tape tape, Tensor outputs, Tensor targets, Tensor? weights, IReadOnlyDictionary<int, float> classWeights)
    {
        Shape shape = outputs.Shape;
        int rows = outputs.Rows;
        bool aligned = targets.Layout is null ? outputs.Layout is null : outputs.Layout is not null && targets.Layout.SameAs(outputs.Layout);
        if (shape.Rank is < 2 or > 3 || !aligned || (targets.StoredLength != rows && targets.StoredLength != outputs.StoredLength))
            throw new ArgumentException($"Class weights need outputs [batch, classes] or [batch, time, classes] and a class for each row, received outputs {shape} and targets {targets.Shape}.", nameof(classWeights));
        Tensor result = shape.Rank == 2 ? tape.New(new Shape(shape[0])) : tape.New(new Shape(shape[0], shape[1]), outputs.Layout);
        Span<float> to = result.Storage;
        if (weights is { } given) OfRows(tape, given, outputs).CopyTo(to);
        else to.Fill(1f);
        ReadOnlySpan<float> from = targets.Storage;
        int width = rows == 0 ? 1 : from.Length / rows;
        for (int row = 0; row < rows; row++)
        {
            int index = width == 1 ? (int)from[row] : Largest(from.Slice(row * width, width));
            if (classWeights.TryGetValue(index, out float weight)) to[row] *= weight;
        }
        GC.KeepAlive(targets.Handle);
        return result;
    }

    /// <summary>How much a batch's loss counts among others: the sum of the weights of its rows (or whole sequences) that are not ignored.</summary>
    public static double Sum(Tape tape, Loss loss, Tensor outputs, Tensor targets, Tensor? weights)
    {
        int rows = loss.CountsSequences ? outputs.Shape[0] : outputs.Rows;
        int? ignored = loss.IgnoredTarget;
        if (ignored is not null && targets.StoredLength != rows) ignored = null; // the loss refuses them
        if (weights is null && ignored is null) return rows;
        ReadOnlySpan<float> rowWeights = weights is not { } given ? default : loss.CountsSequences ? given.Storage : OfRows(tape, given, outputs);
        ReadOnlySpan<float> classes = targets.Storage;
        double sum = 0;
        for (int row = 0; row < rows; row++)
            if (ignored is null || classes[row] != ignored) sum += rowWeights.IsEmpty ? 1 : rowWeights[row];
        GC.KeepAlive(targets.Handle);
        return sum;
    }

    private static int Largest(ReadOnlySpan<float> values)
    {
        int largest = 0;
        for (int i = 1; i < values.Length; i++) if (values[i] > values[largest]) largest = i;
        return largest;
    }
}

using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Kernels.Layouts;
using Unroll.Models;
using Unroll.Tensors;

namespace Unroll.Inference;

/// <summary>Prediction with a <see cref="Sequential"/>.</summary>
public static class SequentialInference
{
    /// <summary>
    /// The model's answers, probabilities where it ends in softmax or sigmoid. One model object may predict from many
    /// threads at once. A row's answer does not depend on the batch that it is in.
    /// </summary>
    /// <param name="model">A model; built for these inputs if it is not built yet.</param>
    /// <param name="inputs">[N, F], [N, T] of token ids or [N, T, F], possibly with lengths. N at least 1.</param>
    /// <param name="batchSize">How many examples are computed together, at least 1. Default 64.</param>
    /// <param name="cancellation">Looked at after each batch.</param>
    /// <returns>A tensor of its own memory, first axis N; answers at steps that only pad are 0.</returns>
    /// <exception cref="ArgumentException">Inputs that do not fit the model, or none.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Tensor Predict(this Sequential model, Tensor inputs, int batchSize = 64, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        int count = inputs.Shape.Rank == 0 ? 0 : inputs.Shape[0];
        if (count == 0) throw new ArgumentException($"Predict: expected at least one example, received {inputs.Shape}.", nameof(inputs));

        Tape tape = InferenceTapes.Rent(model);
        try
        {
            var reader = new BatchReader(inputs);
            int[] examples = new int[Math.Min(batchSize, count)];
            Tensor result = default;
            for (int start = 0; start < count; start += batchSize)
            {
                cancellation.ThrowIfCancellationRequested();
                int size = Math.Min(batchSize, count - start);
                for (int i = 0; i < size; i++) examples[i] = start + i;
                Tensor outputs = model.Forward(reader.ReadInputs(examples.AsSpan(0, size), tape), new Pass(tape));
                if (result.IsDefault)
                {
                    Shape shape = outputs.Shape.With(0, count);
                    result = Tensor.Create(outputs.Layout is null ? shape : shape.With(1, inputs.Shape[1]), null);
                }
                Copy(outputs, result, start);
                tape.Reset();
            }
            return result;
        }
        finally
        {
            tape.Reset();
            InferenceTapes.Return(model, tape);
        }
    }

    /// <summary>The model's answers to sequences [N, T, F]; see <see cref="Predict(Sequential, Tensor, int, CancellationToken)"/>.</summary>
    public static Tensor Predict(this Sequential model, float[,,] inputs, int batchSize = 64, CancellationToken cancellation = default) =>
        model.Predict(Tensor.FromArray(inputs), batchSize, cancellation);

    /// <summary>The model's answers to rows [N, F] or token ids [N, T]; see <see cref="Predict(Sequential, Tensor, int, CancellationToken)"/>.</summary>
    public static Tensor Predict(this Sequential model, float[,] inputs, int batchSize = 64, CancellationToken cancellation = default) =>
        model.Predict(Tensor.FromArray(inputs), batchSize, cancellation);

    private static void Copy(Tensor outputs, Tensor result, int start)
    {
        int example = result.Shape.Length / result.Shape[0];
        Span<float> to = result.Storage[(start * example)..];
        if (outputs.Layout is not { } layout)
        {
            outputs.Storage.CopyTo(to);
        }
        else if (layout.Rows > 0)
        {
            int floats = outputs.StoredLength / layout.Rows;
            ReadOnlySpan<float> from = outputs.Storage;
            for (int t = 0; t < layout.Steps; t++)
                for (int r = 0; r < layout.RowsAt(t); r++)
                    from.Slice((layout.Offset(t) + r) * floats, floats).CopyTo(to[(layout.Order[r] * example + layout.PlaceOf(t, r) * floats)..]);
        }
        GC.KeepAlive(result.Handle);
    }
}

using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Kernels.Layouts;
using Unroll.Models;
using Unroll.Tensors;

namespace Unroll.Inference;

/// <summary>Prediction with a model.</summary>
public static class NetworkInference
{
    /// <summary>
    /// The model's answers, probabilities where it ends in softmax or sigmoid. One model object may predict from many
    /// threads at once. A row's answer does not depend on the batch that it is in.
    /// </summary>
    /// <param name="model">A model of one input and one output; built for these inputs if it is not built yet.</param>
    /// <param name="inputs">[N, F], [N, T] of token ids or [N, T, F], possibly with lengths. N at least 1.</param>
    /// <param name="batchSize">How many examples are computed together, at least 1. Default 64.</param>
    /// <param name="cancellation">Looked at after each batch.</param>
    /// <returns>A tensor of its own memory, first axis N; answers at steps that only pad are 0.</returns>
    /// <exception cref="ArgumentException">Inputs that do not fit the model, or none; a model of several inputs or outputs.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Tensor Predict(this Network model, Tensor inputs, int batchSize = 64, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.OutputCount != 1)
            throw new ArgumentException($"Predict: model '{model.Name}' has {model.OutputCount} outputs ({string.Join(", ", model.OutputNames)}); give a list of inputs to get all of them.", nameof(inputs));
        return model.Predict([inputs], batchSize, cancellation)[0];
    }

    /// <summary>The answers of every output of a model to several inputs; see the form for one.</summary>
    /// <param name="model">A model.</param>
    /// <param name="inputs">One an input, in the order of <see cref="Network.InputNames"/>, of as many examples each.</param>
    /// <param name="batchSize">How many examples are computed together, at least 1. Default 64.</param>
    /// <param name="cancellation">Looked at after each batch.</param>
    /// <returns>One tensor an output, in the order of <see cref="Network.OutputNames"/>.</returns>
    /// <exception cref="ArgumentException">Inputs that do not fit the model, or none.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Tensor[] Predict(this Network model, IReadOnlyList<Tensor> inputs, int batchSize = 64, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        Tensor[] given = [.. inputs];
        int count = given.Length == 0 || given[0].Shape.Rank == 0 ? 0 : given[0].Shape[0];
        if (count == 0) throw new ArgumentException($"Predict: expected at least one example, received {(given.Length == 0 ? "no input" : given[0].Shape)}.", nameof(inputs));
        foreach (Tensor input in given)
            if (input.Shape.Rank == 0 || input.Shape[0] != count) throw new ArgumentException($"Predict: expected {count} examples of every input, received {input.Shape}.", nameof(inputs));
        model.EnsureBuilt(given);

        Tape tape = InferenceTapes.Rent(model);
        try
        {
            var reader = new BatchReader(given);
            int[] examples = new int[Math.Min(batchSize, count)];
            var outputs = new Tensor[model.OutputCount];
            var results = new Tensor[outputs.Length];
            var beforeActivation = new bool[outputs.Length];
            for (int start = 0; start < count; start += batchSize)
            {
                cancellation.ThrowIfCancellationRequested();
                int size = Math.Min(batchSize, count - start);
                for (int i = 0; i < size; i++) examples[i] = start + i;
                Tensor[] batch = reader.Read(examples.AsSpan(0, size), tape).Inputs;
                model.Run(batch, outputs, beforeActivation, new Pass(tape));
                for (int i = 0; i < outputs.Length; i++)
                {
                    if (results[i].IsDefault) results[i] = Tensor.Create(WholeShape(outputs[i], count, model.OutputShapeAt(i), given, batch), null);
                    Copy(outputs[i], results[i], start);
                }
                tape.Reset();
            }
            return results;
        }
        finally
        {
            tape.Reset();
            InferenceTapes.Return(model, tape);
        }
    }

    /// <summary>The answers by the outputs' names, to inputs by theirs.</summary>
    /// <param name="model">A model.</param>
    /// <param name="inputs">A tensor for each of <see cref="Network.InputNames"/>.</param>
    /// <param name="batchSize">How many examples are computed together, at least 1. Default 64.</param>
    /// <param name="cancellation">Looked at after each batch.</param>
    /// <exception cref="ArgumentException">An input that is missing, unknown or does not fit.</exception>
    public static IReadOnlyDictionary<string, Tensor> Predict(this Network model, IReadOnlyDictionary<string, Tensor> inputs, int batchSize = 64, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        Tensor[] answers = model.Predict(model.InOrder(inputs, model.InputNames, "input"), batchSize, cancellation);
        return model.OutputNames.Zip(answers).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
    }

    /// <summary>The model's answers to sequences [N, T, F]; see <see cref="Predict(Network, Tensor, int, CancellationToken)"/>.</summary>
    public static Tensor Predict(this Network model, float[,,] inputs, int batchSize = 64, CancellationToken cancellation = default) =>
        model.Predict(Tensor.FromArray(inputs), batchSize, cancellation);

    /// <summary>The model's answers to rows [N, F] or token ids [N, T]; see <see cref="Predict(Network, Tensor, int, CancellationToken)"/>.</summary>
    public static Tensor Predict(this Network model, float[,] inputs, int batchSize = 64, CancellationToken cancellation = default) =>
        model.Predict(Tensor.FromArray(inputs), batchSize, cancellation);

    /// <summary>
    /// The shape of all answers. A batch's time axis is as long as its longest sequence: all have that of the input whose steps
    /// the output has; of several that could be it, the longest.
    /// </summary>
    internal static Shape WholeShape(Tensor output, int count, Shape open, Tensor[] inputs, Tensor[] batch)
    {
        Shape shape = output.Shape.With(0, count);
        if (output.Layout is not { } layout || open[1] != Shape.Unknown) return shape;
        int steps = 0, most = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].Shape.Rank < 2) continue;
            most = Math.Max(most, inputs[i].Shape[1]);
            bool fits = batch[i].Shape[1] == shape[1] && (batch[i].Layout is not { } given || layout.HasGaps || layout.SameAs(given));
            if (fits) steps = Math.Max(steps, inputs[i].Shape[1]);
        }
        return shape.With(1, steps > 0 ? steps : most);
    }

    /// <summary>Copies a batch's answers to their place among all.</summary>
    internal static void Copy(Tensor outputs, Tensor result, int start)
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

using Unroll.Autograd;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;

namespace Unroll.Inference;

/// <summary>Tags from a <see cref="Sequential"/> that ends in a <see cref="ConditionalRandomField"/>.</summary>
public static class TagInference
{
    /// <summary>The best path of tags for each sequence; see <see cref="ConditionalRandomField.Decode"/>.</summary>
    /// <param name="model">A model whose last layer is a conditional random field.</param>
    /// <param name="inputs">[N, T] of token ids or [N, T, F], possibly with lengths. N at least 1.</param>
    /// <param name="batchSize">How many examples are computed together, at least 1; it changes no tag. Default 64.</param>
    /// <returns>For each sequence the tags of its real steps.</returns>
    /// <exception cref="ArgumentException">Inputs that do not fit, none, or a model with another last layer.</exception>
    public static int[][] PredictTags(this Sequential model, Tensor inputs, int batchSize = 64)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (model.Layers.Count == 0 || model.Layers[^1] is not ConditionalRandomField chain)
            throw new ArgumentException($"PredictTags: model '{model.Name}' does not end in a ConditionalRandomField.", nameof(model));
        int count = inputs.Shape.Rank == 0 ? 0 : inputs.Shape[0];
        if (count == 0) throw new ArgumentException($"PredictTags: expected at least one example, received {inputs.Shape}.", nameof(inputs));
        var tape = new Tape(recording: false);
        var reader = new BatchReader(inputs);
        var tags = new List<int[]>(count);
        for (int start = 0; start < count; start += batchSize)
        {
            int[] examples = [.. Enumerable.Range(start, Math.Min(batchSize, count - start))];
            tags.AddRange(chain.Decode(model.ForwardBeforeActivation(reader.ReadInputs(examples, tape), new Pass(tape))));
            tape.Reset();
        }
        return [.. tags];
    }
}

using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Tensors;

namespace Unroll.Data;

/// <summary>
/// Examples to train or evaluate on: inputs and targets side by side, example after example in the first axis.
/// Sequences of unequal length carry their lengths in the tensors. Does not change.
/// </summary>
public sealed class Dataset
{
    /// <summary>A data set of tensors that were made by the user and are not changed afterwards.</summary>
    /// <param name="inputs">[N, F], [N, T] of token ids or [N, T, F].</param>
    /// <param name="targets">[N], [N, K], [N, T] or [N, T, K], as loss and model want them.</param>
    /// <param name="weights">
    /// How much each example, [N] or [N, 1], or each step, [N, T], counts: finite and at least 0. Null for 1 each.
    /// </param>
    /// <exception cref="ArgumentException">Different numbers of examples, no example, or a weight out of range.</exception>
    public Dataset(Tensor inputs, Tensor targets, Tensor? weights = null)
    {
        Count = CountOf(inputs, nameof(inputs));
        if (Count == 0) throw new ArgumentException("Data set: expected at least one example, received none.", nameof(inputs));
        RequireCount(targets, "targets", nameof(targets));
        if (weights is { } given)
        {
            RequireCount(given, "weights", nameof(weights));
            foreach (float weight in given.Storage)
                if (!(weight >= 0) || float.IsInfinity(weight))
                    throw new ArgumentException($"Data set: expected finite weights of at least 0, received {weight.ToString(System.Globalization.CultureInfo.InvariantCulture)}.", nameof(weights));
        }
        Inputs = inputs;
        Targets = targets;
        Weights = weights;
    }

    /// <summary>N, how many examples there are; at least 1.</summary>
    public int Count { get; }

    /// <summary>All inputs.</summary>
    public Tensor Inputs { get; }

    /// <summary>All targets.</summary>
    public Tensor Targets { get; }

    /// <summary>All weights, or null for 1 each.</summary>
    public Tensor? Weights { get; }

    /// <summary>A data set from a pair (x, y).</summary>
    public static implicit operator Dataset((Tensor Inputs, Tensor Targets) pair) => new(pair.Inputs, pair.Targets);

    /// <summary>A data set from arrays of sequences [N, T, F] and of targets [N, K].</summary>
    public static implicit operator Dataset((float[,,] Inputs, float[,] Targets) pair) => FromArrays(pair.Inputs, pair.Targets);

    /// <summary>A data set from arrays of rows [N, F] and of targets [N, K].</summary>
    public static implicit operator Dataset((float[,] Inputs, float[,] Targets) pair) => FromArrays(pair.Inputs, pair.Targets);

    /// <summary>A data set from sequences [N, T, F] and targets [N, K]; the arrays are copied.</summary>
    public static Dataset FromArrays(float[,,] inputs, float[,] targets) => new(Tensor.FromArray(inputs), Tensor.FromArray(targets));

    /// <summary>A data set from sequences [N, T, F] and targets for every step [N, T, K]; the arrays are copied.</summary>
    public static Dataset FromArrays(float[,,] inputs, float[,,] targets) => new(Tensor.FromArray(inputs), Tensor.FromArray(targets));

    /// <summary>A data set from rows [N, F] and targets [N, K]; the arrays are copied.</summary>
    public static Dataset FromArrays(float[,] inputs, float[,] targets) => new(Tensor.FromArray(inputs), Tensor.FromArray(targets));

    /// <summary>The same examples with the targets and weights of the padding left out, for a model that answers at every step.</summary>
    /// <exception cref="ArgumentException">Targets for another number of steps, or with lengths where the inputs have none.</exception>
    internal Dataset WithTargetsFollowingInputs()
    {
        if (Inputs.Lengths.IsEmpty)
        {
            return Targets.Lengths.IsEmpty ? this
                : throw new ArgumentException("Data set: the targets have lengths and the inputs have none; give the inputs theirs (WithLengths).");
        }
        Shape shape = Targets.Shape;
        if (shape.Rank < 2 || shape[1] != Inputs.Shape[1])
            throw new ArgumentException($"Data set: the model answers at every one of {Inputs.Shape[1]} steps, so expected targets [{Count}, {Inputs.Shape[1]}] or [{Count}, {Inputs.Shape[1]}, features], received {shape}.");
        Tensor? weights = Weights;
        if (weights is { } given && given.Shape.Rank >= 2 && given.Shape[1] == shape[1] && given.Lengths.IsEmpty) weights = given.WithLengths(Inputs.Lengths);
        Tensor targets = Targets.Lengths.IsEmpty ? Targets.WithLengths(Inputs.Lengths) : Targets;
        return new Dataset(Inputs, targets, weights);
    }

    /// <summary>
    /// The examples in batches, for a training loop of one's own. Each batch lies on the tape: reset the tape before
    /// the next one.
    /// </summary>
    /// <param name="tape">Where the batches' tensors are made.</param>
    /// <param name="batchSize">Examples a batch, at least 1; the last one may have fewer.</param>
    /// <param name="shuffle">Whether the examples come in the order that seed and epoch draw. Default false.</param>
    /// <param name="seed">The seed of the order.</param>
    /// <param name="epoch">The number of the pass over the data, from 0: every pass has another order.</param>
    public IEnumerable<Batch> Batches(Tape tape, int batchSize, bool shuffle = false, ulong seed = 0, int epoch = 0)
    {
        ArgumentNullException.ThrowIfNull(tape);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return Iterate();

        IEnumerable<Batch> Iterate()
        {
            var reader = new BatchReader(this);
            int[] order = new int[Count];
            ExampleOrder.Fill(order, shuffle, seed, epoch);
            for (int start = 0; start < order.Length; start += batchSize)
                yield return reader.Read(order.AsSpan(start, Math.Min(batchSize, order.Length - start)), tape);
        }
    }

    private static int CountOf(Tensor tensor, string name) => tensor.Shape.Rank > 0
        ? tensor.Shape[0]
        : throw new ArgumentException("Data set: expected a tensor whose first axis counts the examples, received a single number.", name);

    private void RequireCount(Tensor tensor, string what, string name)
    {
        int count = CountOf(tensor, name);
        if (count != Count) throw new ArgumentException($"Data set: expected {Count} {what}, one for each input, received {count} ({tensor.Shape}).", name);
    }
}

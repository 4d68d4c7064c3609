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
        : this([inputs], [targets], [weights])
    {
    }

    /// <summary>A data set for a model of several inputs or outputs, each tensor as for one.</summary>
    /// <param name="inputs">One an input, in the model's order.</param>
    /// <param name="targets">One an output, in the model's order.</param>
    /// <param name="weights">One an output, null for 1 each; or null for all outputs.</param>
    /// <exception cref="ArgumentException">No tensor, different numbers of examples, no example, or a weight out of range.</exception>
    public Dataset(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> targets, IReadOnlyList<Tensor?>? weights = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(targets);
        if (inputs.Count == 0 || targets.Count == 0) throw new ArgumentException($"Data set: expected tensors of inputs and of targets, received {inputs.Count} and {targets.Count}.", nameof(inputs));
        if (weights is not null && weights.Count != targets.Count) throw new ArgumentException($"Data set: expected weights, or null, for each of {targets.Count} outputs, received {weights.Count}.", nameof(weights));
        Count = CountOf(inputs[0], nameof(inputs));
        if (Count == 0) throw new ArgumentException("Data set: expected at least one example, received none.", nameof(inputs));
        foreach (Tensor input in inputs) RequireCount(input, "inputs", nameof(inputs));
        foreach (Tensor target in targets) RequireCount(target, "targets", nameof(targets));
        foreach (Tensor? weight in weights ?? [])
            if (weight is { } given) CheckWeights(given, nameof(weights));
        AllInputs = [.. inputs];
        AllTargets = [.. targets];
        AllWeights = weights is null ? new Tensor?[targets.Count] : [.. weights];
    }

    /// <summary>N, how many examples there are; at least 1.</summary>
    public int Count { get; }

    /// <summary>All examples of the input, or of the first of several.</summary>
    public Tensor Inputs => AllInputs[0];

    /// <summary>All targets of the output, or of the first of several.</summary>
    public Tensor Targets => AllTargets[0];

    /// <summary>All weights of the output, or of the first of several; null for 1 each.</summary>
    public Tensor? Weights => AllWeights[0];

    /// <summary>One tensor an input.</summary>
    public IReadOnlyList<Tensor> AllInputs { get; }

    /// <summary>One tensor an output.</summary>
    public IReadOnlyList<Tensor> AllTargets { get; }

    /// <summary>One tensor an output; null for 1 each.</summary>
    public IReadOnlyList<Tensor?> AllWeights { get; }

    /// <summary>A data set from a pair (x, y).</summary>
    public static implicit operator Dataset((Tensor Inputs, Tensor Targets) pair) => new(pair.Inputs, pair.Targets);

    /// <summary>A data set of several inputs and outputs from a pair of lists.</summary>
    public static implicit operator Dataset((Tensor[] Inputs, Tensor[] Targets) pair) => new(pair.Inputs, pair.Targets);

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

    /// <summary>The same examples with the targets and weights of the padding left out, for outputs that answer at every step of an input.</summary>
    /// <param name="follows">For each output whether it does.</param>
    /// <exception cref="ArgumentException">Targets for another number of steps, or with lengths where no input has any.</exception>
    internal Dataset WithTargetsFollowingInputs(ReadOnlySpan<bool> follows)
    {
        var targets = AllTargets.ToArray();
        var weights = AllWeights.ToArray();
        for (int i = 0; i < targets.Length; i++)
            if (follows[i]) (targets[i], weights[i]) = Following(targets[i], weights[i]);
        return new Dataset(AllInputs, targets, weights);
    }

    private (Tensor Targets, Tensor? Weights) Following(Tensor targets, Tensor? weights)
    {
        Tensor[] ragged = [.. AllInputs.Where(input => !input.Lengths.IsEmpty)];
        Shape shape = targets.Shape;
        if (ragged.Length == 0)
        {
            return targets.Lengths.IsEmpty ? (targets, weights)
                : throw new ArgumentException("Data set: the targets have lengths and the inputs have none; give the inputs theirs (WithLengths).");
        }
        // Of several inputs with lengths, the one whose steps the targets have; where two have, the model's output must decide.
        Tensor[] fitting = [.. ragged.Where(input => shape.Rank >= 2 && shape[1] == input.Shape[1])];
        if (ragged.Length > 1 && (fitting.Length != 1 || !targets.Lengths.IsEmpty)) return (targets, weights);
        if (fitting.Length == 0)
            throw new ArgumentException($"Data set: the model answers at every one of {ragged[0].Shape[1]} steps, so expected targets [{Count}, {ragged[0].Shape[1]}] or [{Count}, {ragged[0].Shape[1]}, features], received {shape}.");
        if (weights is { } given && given.Shape.Rank >= 2 && given.Shape[1] == shape[1] && given.Lengths.IsEmpty) weights = given.WithLengths(fitting[0].Lengths);
        return (targets.Lengths.IsEmpty ? targets.WithLengths(fitting[0].Lengths) : targets, weights);
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
                yield return new Batch(reader.Read(order.AsSpan(start, Math.Min(batchSize, order.Length - start)), tape));
        }
    }

    private static int CountOf(Tensor tensor, string name) => tensor.Shape.Rank > 0
        ? tensor.Shape[0]
        : throw new ArgumentException("Data set: expected a tensor whose first axis counts the examples, received a single number.", name);

    private void CheckWeights(Tensor weights, string name)
    {
        RequireCount(weights, "weights", name);
        foreach (float weight in weights.Storage)
            if (!(weight >= 0) || float.IsInfinity(weight))
                throw new ArgumentException($"Data set: expected finite weights of at least 0, received {weight.ToString(System.Globalization.CultureInfo.InvariantCulture)}.", name);
    }

    private void RequireCount(Tensor tensor, string what, string name)
    {
        int count = CountOf(tensor, name);
        if (count != Count) throw new ArgumentException($"Data set: expected {Count} {what}, one for each input, received {count} ({tensor.Shape}).", name);
    }
}

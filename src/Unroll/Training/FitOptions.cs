using Unroll.Data;
using Unroll.Optimizers;

namespace Unroll.Training;

/// <summary>The rarer settings of a training.</summary>
public sealed record FitOptions
{
    /// <summary>
    /// How much the examples of each class count in the loss; a class not named counts 1. Weights are at least 0. Targets
    /// are class indices, one-hot rows or zeros and ones. Null for 1 each.
    /// </summary>
    public IReadOnlyDictionary<int, float>? ClassWeights { get; init; }

    /// <summary>Every gradient element is limited to ± this. Above 0; null for no limit.</summary>
    public float? ClipValue { get; init; }

    /// <summary>Each parameter's gradient is scaled to at most this Euclidean norm. Above 0; null for no limit.</summary>
    public float? ClipNorm { get; init; }

    /// <summary>All gradients together are scaled to at most this Euclidean norm. Above 0; null for no limit.</summary>
    public float? GlobalClipNorm { get; init; }

    /// <summary>Noise added to every gradient after clipping; null for none.</summary>
    public GradientNoise? GradientNoise { get; init; }

    /// <summary>
    /// In how many pieces a batch is computed, one after the other, before its one update: memory for a k-th of the batch, and
    /// the gradient of the whole but for rounding, since each piece counts by its targets' weight. At least 1, the default.
    /// Dropout draws differ from those of the batch in one piece.
    /// </summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>
    /// Whether the sequences of a batch are alike in length: sorted within fifty batches of the epoch's order, the whole
    /// batches then in an order drawn from seed and epoch where there is shuffling. Default as the order has them.
    /// </summary>
    public LengthGrouping Grouping { get; init; } = LengthGrouping.KeepOrder;

    /// <summary>
    /// Epochs that an earlier call has done; training goes on from there to the given number of epochs, with the
    /// shuffles and draws of those epochs. At least 0, the default.
    /// </summary>
    public int InitialEpoch { get; init; }

    internal void Check()
    {
        RequirePositive(ClipValue, nameof(ClipValue));
        RequirePositive(ClipNorm, nameof(ClipNorm));
        RequirePositive(GlobalClipNorm, nameof(GlobalClipNorm));
        if (AccumulationSteps < 1) throw new ArgumentException($"FitOptions.AccumulationSteps: expected 1 or more, received {AccumulationSteps}.");
        if (!Enum.IsDefined(Grouping)) throw new ArgumentException($"FitOptions.Grouping: expected one of {string.Join(", ", Enum.GetNames<LengthGrouping>())}, received {(int)Grouping}.");
        if (InitialEpoch < 0) throw new ArgumentException($"FitOptions.InitialEpoch: expected 0 or more, received {InitialEpoch}.");
        if (ClassWeights is null) return;
        foreach ((int index, float weight) in ClassWeights)
            if (index < 0 || !(weight >= 0) || float.IsInfinity(weight))
                throw new ArgumentException($"FitOptions.ClassWeights: expected classes of 0 or more with finite weights of 0 or more, received class {index} with {weight}.");
    }

    private static void RequirePositive(float? value, string name)
    {
        if (value is { } given && !(given > 0)) throw new ArgumentException($"FitOptions.{name}: expected a number above 0, received {given}.");
    }
}

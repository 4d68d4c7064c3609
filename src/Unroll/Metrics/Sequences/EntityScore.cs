namespace Unroll.Metrics.Sequences;

/// <summary>Entities found, by count, and the scores that follow, each in [0, 1] and 0 where it is undefined, as in conlleval.</summary>
/// <param name="Correct">Entities with the same type, start and end on both sides.</param>
/// <param name="Predicted">Entities of the predictions.</param>
/// <param name="Actual">Entities of the references.</param>
public readonly record struct EntityScore(long Correct, long Predicted, long Actual)
{
    /// <summary>The share of predicted entities that are right.</summary>
    public double Precision => Predicted == 0 ? 0 : (double)Correct / Predicted;

    /// <summary>The share of actual entities that are found.</summary>
    public double Recall => Actual == 0 ? 0 : (double)Correct / Actual;

    /// <summary>The harmonic mean of precision and recall.</summary>
    public double F1 => Correct == 0 ? 0 : 2.0 * Correct / (Predicted + Actual);

    /// <summary>The counts of both.</summary>
    public static EntityScore operator +(EntityScore left, EntityScore right) =>
        new(left.Correct + right.Correct, left.Predicted + right.Predicted, left.Actual + right.Actual);
}

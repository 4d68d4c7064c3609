namespace Unroll.Tasks;

/// <summary>What a network of a comparison gave and cost.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Parameters">How many numbers it has, everything before and behind it included.</param>
/// <param name="LearningRate">The learning rate that validation chose; NaN where no training stayed finite.</param>
/// <param name="ValidationLosses">The validation loss after the best epoch, a seed each; NaN where training diverged.</param>
/// <param name="Qualities">The quality on the test examples, a seed each; NaN where training diverged.</param>
/// <param name="BestEpoch">The epoch whose weights were taken, with the first seed; 0 for the initial weights.</param>
/// <param name="TrainingSeconds">The time of one training with that rate, the mean over the seeds.</param>
/// <param name="TrainingBytes">Native memory of a training step on a batch of the longest examples, as <see cref="Training.MemoryPlan"/> counts it.</param>
/// <param name="InferenceBytes">The same of one answer.</param>
/// <param name="LatencyMilliseconds">The median time of an answer to one test example.</param>
public sealed record ComparisonResult(string Model, long Parameters, float LearningRate, IReadOnlyList<double> ValidationLosses, IReadOnlyList<double> Qualities,
    int BestEpoch, double TrainingSeconds, long TrainingBytes, long InferenceBytes, double LatencyMilliseconds)
{
    /// <summary>The mean validation loss over the seeds.</summary>
    public double ValidationLoss => ValidationLosses.Average();

    /// <summary>The mean quality over the seeds.</summary>
    public double Quality => Qualities.Average();

    /// <summary>The standard deviation of the quality between seeds (n − 1); NaN for one seed.</summary>
    public double Deviation => Qualities.Count < 2 ? double.NaN : Math.Sqrt(Qualities.Sum(quality => (quality - Quality) * (quality - Quality)) / (Qualities.Count - 1));
}

namespace Unroll.Tasks;

/// <summary>Where a comparison stands.</summary>
/// <param name="Model">The network in training.</param>
/// <param name="Completed">How many networks are done, parts of one included.</param>
/// <param name="Total">How many there are.</param>
public readonly record struct ComparisonProgress(string Model, double Completed, int Total);

namespace Unroll.Training;

/// <summary>
/// Ends training with a <see cref="TrainingDivergedException"/> as soon as a loss or gradient is NaN or infinite,
/// before the weights are changed by it. The exception names the step and where the first such number arose.
/// </summary>
public sealed class TerminateOnNaN : Callback
{
}

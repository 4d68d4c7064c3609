namespace Unroll.Optimizers;

/// <summary>
/// A learning rate as a function of the step alone, so that a resumed run needs nothing but its step count. Set one as
/// <see cref="Optimizer.Schedule"/>, or ask it per epoch.
/// </summary>
/// <remarks>Computed in double from +, −, · and / alone (powers by repeated squaring or our own series): the same bits everywhere.</remarks>
public abstract class LearningRateSchedule
{
    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">0 for the first.</param>
    public abstract float At(long step);

    /// <summary>Refuses a rate that is negative, infinite or NaN.</summary>
    private protected static float Rate(float value, string name) =>
        float.IsFinite(value) && value >= 0 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is a learning rate: finite and at least 0.");

    /// <summary>Refuses a count of steps below 1.</summary>
    private protected static long Steps(long value, string name) =>
        value >= 1 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} counts steps: at least 1.");

    /// <summary>Refuses a factor that is not positive and finite.</summary>
    private protected static double Factor(double value, string name) =>
        double.IsFinite(value) && value > 0 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is finite and above 0.");

    /// <summary>Refuses a negative step.</summary>
    private protected static long Checked(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return step;
    }
}

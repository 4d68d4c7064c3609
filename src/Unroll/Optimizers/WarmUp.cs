namespace Unroll.Optimizers;

/// <summary>
/// A linear rise to another schedule's first rate, then that schedule from its own step 0: at step s below
/// <c>steps</c> the rate is After(0) · (s + 1) / steps, so that the first step already learns.
/// </summary>
public sealed class WarmUp : LearningRateSchedule
{
    private readonly LearningRateSchedule? _after;
    private readonly float _top;
    private readonly long _steps;

    /// <summary>A rise before a schedule.</summary>
    /// <param name="after">What follows.</param>
    /// <param name="steps">Steps of the rise; at least 1.</param>
    public WarmUp(LearningRateSchedule after, long steps)
    {
        ArgumentNullException.ThrowIfNull(after);
        _after = after;
        _top = after.At(0);
        _steps = Steps(steps, nameof(steps));
    }

    /// <summary>A rise to a rate that then stays.</summary>
    /// <param name="rate">The rate reached.</param>
    /// <param name="steps">Steps of the rise; at least 1.</param>
    public WarmUp(float rate, long steps)
    {
        _top = Rate(rate, nameof(rate));
        _steps = Steps(steps, nameof(steps));
    }

    /// <inheritdoc/>
    public override float At(long step) =>
        Checked(step) < _steps ? (float)(_top * ((step + 1.0) / _steps)) : _after?.At(step - _steps) ?? _top;
}

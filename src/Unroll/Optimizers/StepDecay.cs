using Unroll.Kernels.Scalars;

namespace Unroll.Optimizers;

/// <summary>A rate that is multiplied by a factor after every so many steps: initial · factor^⌊step / every⌋.</summary>
/// <param name="initial">The rate at step 0.</param>
/// <param name="every">Steps between changes; at least 1.</param>
/// <param name="factor">Above 0. Default 0.1.</param>
public sealed class StepDecay(float initial, long every, double factor = 0.1) : LearningRateSchedule
{
    private readonly float _initial = Rate(initial, nameof(initial));
    private readonly long _every = Steps(every, nameof(every));
    private readonly double _factor = Factor(factor, nameof(factor));

    /// <inheritdoc/>
    public override float At(long step) => (float)(_initial * ScalarMath.WholePower(_factor, Checked(step) / _every));
}

using Unroll.Kernels.Scalars;

namespace Unroll.Optimizers;

/// <summary>A rate that falls smoothly, Keras's form: initial · rate^(step / decaySteps).</summary>
/// <param name="initial">The rate at step 0.</param>
/// <param name="decaySteps">Steps in which the rate is multiplied by <paramref name="decayRate"/> once; at least 1.</param>
/// <param name="decayRate">Above 0. Default 0.96.</param>
public sealed class ExponentialDecay(float initial, long decaySteps, double decayRate = 0.96) : LearningRateSchedule
{
    private readonly float _initial = Rate(initial, nameof(initial));
    private readonly long _decaySteps = Steps(decaySteps, nameof(decaySteps));
    private readonly double _decayRate = Factor(decayRate, nameof(decayRate));

    /// <inheritdoc/>
    public override float At(long step) => (float)(_initial * ScalarMath.Power(_decayRate, (double)Checked(step) / _decaySteps));
}

using Unroll.Kernels.Scalars;

namespace Unroll.Optimizers;

/// <summary>
/// A rate that falls along half a cosine (Loshchilov and Hutter 2017, without restarts; Keras's form):
/// initial · ((1 − alpha) · ½(1 + cos(π·step / decaySteps)) + alpha), and initial · alpha from decaySteps on.
/// </summary>
/// <param name="initial">The rate at step 0.</param>
/// <param name="decaySteps">Steps until the rate has fallen; at least 1.</param>
/// <param name="alpha">The share of the initial rate that is left, in [0, 1]. Default 0.</param>
public sealed class CosineDecay(float initial, long decaySteps, double alpha = 0) : LearningRateSchedule
{
    private readonly float _initial = Rate(initial, nameof(initial));
    private readonly long _decaySteps = Steps(decaySteps, nameof(decaySteps));
    private readonly double _alpha = alpha is >= 0 and <= 1 ? alpha
        : throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "alpha is the share of the rate that is left: from 0 to 1.");

    /// <inheritdoc/>
    public override float At(long step)
    {
        double passed = (double)Math.Min(Checked(step), _decaySteps) / _decaySteps;
        return (float)(_initial * ((1 - _alpha) * 0.5 * (1 + ScalarMath.CosineOfHalfTurn(passed)) + _alpha));
    }
}

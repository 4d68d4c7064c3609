using Unroll.Kernels.Scalars;

namespace Unroll.Optimizers;

/// <summary>
/// One cycle (Smith and Topin 2018; PyTorch's OneCycleLR with two phases of half a cosine): up from
/// maximum / <c>divideInitial</c> to the maximum at step <c>riseShare</c> · totalSteps − 1, then down to the initial
/// rate / <c>divideFinal</c> at the last step, where it stays.
/// </summary>
public sealed class OneCycle : LearningRateSchedule
{
    private readonly double _initial, _maximum, _final, _top, _last;

    /// <summary>A cycle.</summary>
    /// <param name="maximum">The highest rate.</param>
    /// <param name="totalSteps">Steps of the whole cycle; at least 1.</param>
    /// <param name="riseShare">The share of steps that rise, in [0, 1]. Default 0.3.</param>
    /// <param name="divideInitial">The maximum over the initial rate; above 0. Default 25.</param>
    /// <param name="divideFinal">The initial over the final rate; above 0. Default 10,000.</param>
    public OneCycle(float maximum, long totalSteps, double riseShare = 0.3, double divideInitial = 25, double divideFinal = 1e4)
    {
        if (!(riseShare is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(riseShare), riseShare, "riseShare is a share of the steps: from 0 to 1.");
        _maximum = Rate(maximum, nameof(maximum));
        _initial = _maximum / Factor(divideInitial, nameof(divideInitial));
        _final = _initial / Factor(divideFinal, nameof(divideFinal));
        _top = riseShare * Steps(totalSteps, nameof(totalSteps)) - 1;
        _last = totalSteps - 1;
    }

    /// <inheritdoc/>
    public override float At(long step)
    {
        if (Checked(step) >= _last) return (float)(_last <= _top ? _maximum : _final);
        return (float)(step <= _top
            ? Between(_initial, _maximum, step / _top)
            : Between(_maximum, _final, (step - Math.Max(_top, 0)) / (_last - Math.Max(_top, 0))));
    }

    // A rise of less than a step leaves _top at or below 0: step 0 is then the maximum, or the rise's only step.
    private static double Between(double from, double to, double passed) =>
        double.IsNaN(passed) ? to : to + (from - to) * 0.5 * (1 + ScalarMath.CosineOfHalfTurn(passed));
}

using Unroll.Basics;
using Unroll.Kernels.Scalars;

namespace Unroll.Layers;

/// <summary>
/// How often a decoder is given the true last output instead of its own while it learns: scheduled sampling (Bengio et al.
/// 2015, arXiv 1506.03099, section 2.4). The ratio ε is a function of the training step, and who is forced one of seed,
/// step, sequence and time, so that nothing need be stored to resume.
/// </summary>
public sealed class TeacherForcing
{
    private static readonly ulong s_stream = RandomStream.HashName("teacher_forcing");
    private readonly Func<long, double> _ratio;

    private TeacherForcing(Func<long, double> ratio) => _ratio = ratio;

    /// <summary>The truth always.</summary>
    public static TeacherForcing Always { get; } = new(_ => 1);

    /// <summary>One ratio throughout.</summary>
    /// <param name="ratio">ε, from 0 (never the truth) to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Outside 0 to 1.</exception>
    public static TeacherForcing Constant(double ratio)
    {
        Require(ratio is >= 0 and <= 1, ratio, nameof(ratio), "a ratio from 0 to 1");
        return new(_ => ratio);
    }

    /// <summary>ε = max(minimum, first − slope · step).</summary>
    /// <param name="slope">What each step takes off; finite, at least 0.</param>
    /// <param name="first">ε at step 0, from 0 to 1. Default 1.</param>
    /// <param name="minimum">Where it ends, from 0 to <paramref name="first"/>. Default 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number out of range.</exception>
    public static TeacherForcing Linear(double slope, double first = 1, double minimum = 0)
    {
        Require(double.IsFinite(slope) && slope >= 0, slope, nameof(slope), "a slope that is finite and at least 0");
        Require(first is >= 0 and <= 1, first, nameof(first), "a first ratio from 0 to 1");
        Require(minimum >= 0 && minimum <= first, minimum, nameof(minimum), "a minimum from 0 to the first ratio");
        return new(step => Math.Max(minimum, first - slope * step));
    }

    /// <summary>ε = kˢᵗᵉᵖ.</summary>
    /// <param name="factor">k, above 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number out of range.</exception>
    public static TeacherForcing Exponential(double factor)
    {
        Require(factor is > 0 and < 1, factor, nameof(factor), "a factor above 0 and below 1");
        return new(step => ScalarMath.WholePower(factor, step));
    }

    /// <summary>ε = k / (k + e^(step / k)): near 1 for some k·ln k steps, then falling.</summary>
    /// <param name="speed">k; finite, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number out of range.</exception>
    public static TeacherForcing InverseSigmoid(double speed)
    {
        Require(double.IsFinite(speed) && speed >= 1, speed, nameof(speed), "a speed that is finite and at least 1");
        return new(step => speed / (speed + ScalarMath.Exp(step / speed)));
    }

    /// <summary>ε at a training step.</summary>
    /// <param name="step">0 for the first.</param>
    public double RatioAt(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return _ratio(step);
    }

    /// <summary>Whether a sequence is given the truth at one time: one draw for each.</summary>
    /// <param name="seed">The training's seed.</param>
    /// <param name="step">The training step.</param>
    /// <param name="sequence">Its place in the batch.</param>
    /// <param name="time">The time step.</param>
    public bool Forces(ulong seed, long step, int sequence, int time) =>
        new RandomStream(seed, s_stream, step).UniformDouble(SequenceDraws.First(sequence) + time) < RatioAt(step);

    private static void Require(bool holds, double value, string name, string expected)
    {
        if (!holds) throw new ArgumentOutOfRangeException(name, FormattableString.Invariant($"TeacherForcing: expected {expected}, received {value}."));
    }
}

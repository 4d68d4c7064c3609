using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Scalars;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// How often a decoder is given the true last output instead of its own while it learns: scheduled sampling (Bengio et al.
/// 2015, arXiv 1506.03099, section 2.4). The ratio ε is a function of the training step, and who is forced one of seed,
/// step, sequence and time, so that nothing need be stored to resume.
/// </summary>
public sealed class TeacherForcing
{
    private static readonly ulong s_stream = RandomStream.HashName("teacher_forcing");
    private readonly string _schedule;
    private readonly double[] _numbers;

    private TeacherForcing(string schedule, params double[] numbers) => (_schedule, _numbers) = (schedule, numbers);

    /// <summary>The truth always.</summary>
    public static TeacherForcing Always { get; } = Constant(1);

    /// <summary>One ratio throughout.</summary>
    /// <param name="ratio">ε, from 0 (never the truth) to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Outside 0 to 1.</exception>
    public static TeacherForcing Constant(double ratio)
    {
        Require(ratio is >= 0 and <= 1, ratio, nameof(ratio), "a ratio from 0 to 1");
        return new("constant", ratio);
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
        return new("linear", slope, first, minimum);
    }

    /// <summary>ε = kˢᵗᵉᵖ.</summary>
    /// <param name="factor">k, above 0 and below 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number out of range.</exception>
    public static TeacherForcing Exponential(double factor)
    {
        Require(factor is > 0 and < 1, factor, nameof(factor), "a factor above 0 and below 1");
        return new("exponential", factor);
    }

    /// <summary>ε = k / (k + e^(step / k)): near 1 for some k·ln k steps, then falling.</summary>
    /// <param name="speed">k; finite, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number out of range.</exception>
    public static TeacherForcing InverseSigmoid(double speed)
    {
        Require(double.IsFinite(speed) && speed >= 1, speed, nameof(speed), "a speed that is finite and at least 1");
        return new("inverse_sigmoid", speed);
    }

    /// <summary>ε at a training step.</summary>
    /// <param name="step">0 for the first.</param>
    public double RatioAt(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return (_schedule, _numbers) switch
        {
            ("linear", [double slope, double first, double minimum]) => Math.Max(minimum, first - slope * step),
            ("exponential", [double factor]) => ScalarMath.WholePower(factor, step),
            ("inverse_sigmoid", [double speed]) => speed / (speed + ScalarMath.Exp(step / speed)),
            _ => _numbers[0],
        };
    }

    /// <summary>Whether a sequence is given the truth at one time: one draw for each.</summary>
    /// <param name="seed">The training's seed.</param>
    /// <param name="step">The training step.</param>
    /// <param name="sequence">Its place in the batch.</param>
    /// <param name="time">The time step.</param>
    public bool Forces(ulong seed, long step, int sequence, int time) =>
        new RandomStream(seed, s_stream, step).UniformDouble(SequenceDraws.First(sequence) + time) < RatioAt(step);

    /// <summary>What a cell's step is fed: in training the truth where it is forced, otherwise its own last output.</summary>
    /// <param name="own">[rows, F].</param>
    /// <param name="truth">[rows, F].</param>
    /// <param name="pass">The step's.</param>
    internal unsafe Tensor Fed(Tensor own, Tensor truth, Pass pass)
    {
        double ratio = pass.Training ? RatioAt(pass.Step) : 0;
        if (ratio is 0 or 1) return ratio == 0 ? own : truth;
        int rows = own.Shape[0], features = own.Features;
        Tensor forced = pass.Zeros(rows, features);
        var marks = new Span<float>(pass.Tape.Read(forced), rows * features);
        for (int row = 0; row < rows; row++)
            if (Forces(pass.Seed, pass.Step, pass.SequenceOf(row), pass.TimeStep)) marks.Slice(row * features, features).Fill(1);
        return pass.Add(pass.Multiply(forced, truth), pass.Multiply(pass.Scale(forced, -1, 1), own));
    }

    /// <summary>What <see cref="FromDescription"/> reads: the schedule's name and its numbers.</summary>
    internal JsonArray Describe() => [_schedule, .. _numbers.Select(number => JsonValue.Create(number))];

    /// <exception cref="InvalidDataException">No schedule.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number out of range.</exception>
    internal static TeacherForcing FromDescription(JsonNode description)
    {
        string? schedule = description is JsonArray { Count: > 0 } list && list[0] is JsonValue name && name.TryGetValue(out string? text) ? text : null;
        double[] numbers = schedule is null ? [] : [.. description.AsArray().Skip(1).Select(node => node is JsonValue value && value.TryGetValue(out double number) ? number : double.NaN)];
        return (schedule, numbers) switch
        {
            ("constant", [double ratio]) => Constant(ratio),
            ("linear", [double slope, double first, double minimum]) => Linear(slope, first, minimum),
            ("exponential", [double factor]) => Exponential(factor),
            ("inverse_sigmoid", [double speed]) => InverseSigmoid(speed),
            _ => throw new InvalidDataException($"teacher forcing is {description.ToJsonString()}; expected [\"constant\", ratio], [\"linear\", slope, first, minimum], [\"exponential\", factor] or [\"inverse_sigmoid\", speed]"),
        };
    }

    private static void Require(bool holds, double value, string name, string expected)
    {
        if (!holds) throw new ArgumentOutOfRangeException(name, FormattableString.Invariant($"TeacherForcing: expected {expected}, received {value}."));
    }
}

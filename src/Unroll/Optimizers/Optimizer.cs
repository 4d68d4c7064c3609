using Unroll.Kernels.Optimizers;
using Unroll.Tensors;

namespace Unroll.Optimizers;

/// <summary>
/// Changes parameters against their gradients. Formulas are PyTorch's, defaults are Keras's. Gradients accumulate over
/// backward passes until <see cref="Step"/>, which clears them: several passes before one step make a larger batch.
/// </summary>
public abstract unsafe partial class Optimizer
{
    private readonly Dictionary<Parameter, OptimizerState> _states = [];
    private readonly string[] _slotNames;
    private readonly int _scalars;
    private float _learningRate;
    private long _calls;

    /// <param name="learningRate">η; finite, at least 0.</param>
    /// <param name="weightDecay">λ of the L2 form; at least 0.</param>
    /// <param name="slotNames">The arrays kept for each parameter.</param>
    /// <param name="scalars">How many running products are kept for each parameter.</param>
    private protected Optimizer(float learningRate, double weightDecay, string[] slotNames, int scalars = 0)
    {
        LearningRate = learningRate;
        WeightDecay = NotNegative(weightDecay, nameof(weightDecay));
        _slotNames = slotNames;
        _scalars = scalars;
    }

    /// <summary>Keras's word for it, for example <c>"adam"</c>; <see cref="FromName"/> takes it.</summary>
    public abstract string Name { get; }

    /// <summary>η, the learning rate of the next step; finite, at least 0. A <see cref="Schedule"/> sets it at each step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, infinite or NaN.</exception>
    public float LearningRate
    {
        get => _learningRate;
        set
        {
            if (!float.IsFinite(value) || value < 0)
                throw new ArgumentOutOfRangeException(nameof(value), value, "A learning rate is finite and at least 0.");
            _learningRate = value;
        }
    }

    /// <summary>Gives <see cref="LearningRate"/> at each step from <see cref="Iterations"/>; null (the default) leaves it alone.</summary>
    public LearningRateSchedule? Schedule { get; set; }

    /// <summary>How many steps have been taken.</summary>
    public long Iterations { get; private set; }

    /// <summary>λ, the share of each weight that is added to its gradient (L2), or in AdamW taken off it; 0 for none.</summary>
    public double WeightDecay { get; }

    /// <summary>
    /// Updates every trainable parameter that has a gradient, holds it to its <see cref="Parameter.Constraint"/>, then clears all their gradients. Parameters that no backward
    /// pass has ever reached are left alone. Allocates nothing once each parameter has been met.
    /// </summary>
    /// <param name="parameters">The model's; one listed twice is updated once.</param>
    public void Step(IReadOnlyList<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (Schedule is { } schedule) LearningRate = schedule.At(Iterations);
        _calls++;
        for (int i = 0; i < parameters.Count; i++)
        {
            Parameter parameter = parameters[i];
            if (!parameter.Trainable)
            {
                parameter.ClearGradient();
                continue;
            }
            if (!parameter.HasGradients) continue;
            OptimizerState state = StateOf(parameter);
            if (state.LastCall == _calls) continue;
            state.LastCall = _calls;
            state.Step++;
            AdvanceAtOwnRate(parameter, state);
            parameter.Constraint?.Apply(parameter);
            parameter.MarkChanged();
        }
        Iterations++;
        // The memory is freed when these are collected; the loop above holds bare pointers.
        GC.KeepAlive(parameters);
        GC.KeepAlive(this);
    }

    /// <summary>Every rule reads <see cref="LearningRate"/>, so the parameter's own stands there while it is updated.</summary>
    private void AdvanceAtOwnRate(Parameter parameter, OptimizerState state)
    {
        float rate = _learningRate;
        _learningRate = rate * parameter.RateMultiplier;
        Advance(parameter, state);
        _learningRate = rate;
    }

    /// <summary>Bytes that it keeps for these parameters once it has met them all.</summary>
    internal long StateBytesOf(IReadOnlyList<Parameter> parameters) =>
        parameters.Where(parameter => parameter.Trainable).Sum(parameter => (long)_slotNames.Length * parameter.StorageLength * sizeof(float));

    /// <summary>Updates one parameter; <see cref="OptimizerState.Step"/> already counts this update.</summary>
    private protected abstract void Advance(Parameter parameter, OptimizerState state);

    /// <summary>Sets the slots of a parameter met for the first time, if not to zeros.</summary>
    private protected virtual void Prepare(OptimizerState state)
    {
    }

    /// <summary>Runs a rule over a parameter with the L2 form of <see cref="WeightDecay"/>.</summary>
    private protected void Apply<TRule>(TRule rule, Parameter parameter, OptimizerState state) where TRule : struct, IUpdateRule =>
        Apply(rule, WeightDecay, parameter, state);

    /// <summary>Runs a rule over a parameter.</summary>
    private protected static void Apply<TRule>(TRule rule, double weightDecay, Parameter parameter, OptimizerState state) where TRule : struct, IUpdateRule
    {
        float* gradients = parameter.TakeGradients(out float scale);
        Update.Run(rule, scale, (float)weightDecay, parameter.Values, gradients, state.Slot(0), state.Slot(1), state.Slot(2), parameter.StorageLength);
    }

    /// <summary>A parameter's array, row-major, or null before its first update.</summary>
    private protected float[]? SlotOf(Parameter parameter, int slot) =>
        _states.TryGetValue(parameter, out OptimizerState? state) ? parameter.Unpacked(state.SlotSpan(slot)) : null;

    private OptimizerState StateOf(Parameter parameter)
    {
        if (_states.TryGetValue(parameter, out OptimizerState? state)) return state;
        state = new OptimizerState(parameter.StorageLength, _slotNames.Length, _scalars);
        Prepare(state);
        _states.Add(parameter, state);
        return state;
    }

    /// <summary>Refuses a share outside [0, 1).</summary>
    private protected static double Share(double value, string name) =>
        value is >= 0 and < 1 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is at least 0 and below 1.");

    /// <summary>Refuses a negative, infinite or NaN constant.</summary>
    private protected static double NotNegative(double value, string name) =>
        double.IsFinite(value) && value >= 0 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is finite and at least 0.");

    /// <summary>Refuses an ε that is not positive in float: padding, whose gradient is 0, would become 0/0.</summary>
    private protected static double Positive(double value, string name) =>
        double.IsFinite(value) && (float)value > 0 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is finite, and above 0 as a float.");
}

using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Recurrent;
using Unroll.Kernels.Scalars;
using Unroll.Ops;
using Unroll.Ops.Recurrent;
using Unroll.Tensors;

namespace Unroll.Layers;

public abstract partial class RecurrentLayer
{
    private readonly int? _chronoSteps;
    private readonly float _weightDrop;
    private RecurrentWeights? _droppedWeights;

    /// <summary>What the input weights cost in training, or null.</summary>
    public Regularizer? KernelRegularizer { get; init; }

    /// <summary>What the recurrent weights cost in training, or null.</summary>
    public Regularizer? RecurrentRegularizer { get; init; }

    /// <summary>What the biases cost in training, the recurrent ones too; or null.</summary>
    public Regularizer? BiasRegularizer { get; init; }

    /// <summary>Where the input weights must lie, or null.</summary>
    public Constraint? KernelConstraint { get; init; }

    /// <summary>Where the recurrent weights must lie, or null.</summary>
    public Constraint? RecurrentConstraint { get; init; }

    /// <summary>Where the biases must lie, the recurrent ones too; or null.</summary>
    public Constraint? BiasConstraint { get; init; }

    /// <summary>
    /// T_max of chrono initialisation (Tallec and Ollivier 2018, arXiv 1804.11188), the longest dependency expected, at
    /// least 2: the bias of the gate that keeps the state begins at log u with u uniform in [1, T_max − 1], one draw a
    /// unit, and an LSTM's input gate at −log u. For LSTM and GRU with a bias; in place of the LSTM's unit forget bias.
    /// Null, the default, for none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 2.</exception>
    public int? ChronoSteps
    {
        get => _chronoSteps;
        init => _chronoSteps = value is null or >= 2
            ? value
            : throw new ArgumentOutOfRangeException(nameof(ChronoSteps), $"{GetType().Name}: ChronoSteps is {value}; expected at least 2, the longest dependency in steps.");
    }

    /// <summary>
    /// Share of the recurrent weights that are zero in a training pass, in [0, 1): one draw a batch, the same at every step
    /// and for every sequence (DropConnect as in AWD-LSTM; Merity et al. 2017, arXiv 1708.02182). Default 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside [0, 1).</exception>
    public float WeightDrop
    {
        get => _weightDrop;
        init => _weightDrop = value is >= 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(WeightDrop), FormattableString.Invariant($"{GetType().Name}: weight drop is {value}; expected a share in [0, 1)."));
    }

    /// <summary>The weights that a pass computes with: in training those with some recurrent ones dropped.</summary>
    private RecurrentWeights WeightsOf(Pass pass)
    {
        if (!pass.Training || WeightDrop == 0) return Weights;
        _droppedWeights ??= Weights.WithOwnRecurrentKernel();
        WeightDropOp.Apply(pass.Tape, Weights.RecurrentKernel, _droppedWeights.RecurrentKernel, WeightDrop,
            new RandomStream(pass.Seed, Name, pass.Step).Fork("weight_drop"));
        return _droppedWeights;
    }

    private void WriteRules(JsonObject configuration)
    {
        ParameterRules.Write(configuration, "kernel_regularizer", KernelRegularizer);
        ParameterRules.Write(configuration, "recurrent_regularizer", RecurrentRegularizer);
        ParameterRules.Write(configuration, "bias_regularizer", BiasRegularizer);
        ParameterRules.Write(configuration, "kernel_constraint", KernelConstraint);
        ParameterRules.Write(configuration, "recurrent_constraint", RecurrentConstraint);
        ParameterRules.Write(configuration, "bias_constraint", BiasConstraint);
        if (WeightDrop > 0) configuration["weight_drop"] = WeightDrop;
        if (ChronoSteps is { } steps) configuration["chrono_steps"] = steps;
        if (LearnedInitialState) configuration["learned_initial_state"] = true;
    }

    private void SetRules(RecurrentWeights weights, ulong seed)
    {
        ParameterRules.RequireBias(UseBias, BiasRegularizer, BiasConstraint, this);
        if (ChronoSteps is { } steps) SetChronoBias(weights, steps, new RandomStream(seed, $"{Name}/chrono"));
        weights.Kernel.Ruled(KernelRegularizer, KernelConstraint, this);
        weights.RecurrentKernel.Ruled(RecurrentRegularizer, RecurrentConstraint, this);
        weights.Bias?.Ruled(BiasRegularizer, BiasConstraint, this);
        weights.RecurrentBias?.Ruled(BiasRegularizer, BiasConstraint, this);
    }

    private void SetChronoBias(RecurrentWeights weights, int steps, RandomStream draws)
    {
        (int? keep, int? write) = Cell switch
        {
            RecurrentCell.Lstm or RecurrentCell.PeepholeLstm => ((int?)1, (int?)0),
            RecurrentCell.CoupledLstm => (null, 0), // f = 1 − i: the input gate's bias alone
            RecurrentCell.Gru or RecurrentCell.GruResetBefore => (1, null),
            _ => throw new ArgumentException($"{Title}: ChronoSteps is for layers with a gate that keeps the state, LSTM and GRU; leave it out."),
        };
        Parameter bias = weights.Bias ?? throw new ArgumentException($"{Title}: ChronoSteps sets a bias, and UseBias is false; leave one of the two out.");
        var values = new float[bias.Count];
        for (int unit = 0; unit < Units; unit++)
        {
            double log = ScalarMath.Log(1 + (steps - 2) * draws.UniformDouble(unit));
            if (keep is { } open) values[open * Units + unit] = (float)log;
            if (write is { } shut) values[shut * Units + unit] = (float)-log;
        }
        bias.Set(values);
    }
}

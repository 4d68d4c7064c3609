using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Recurrent;
using Unroll.Ops;
using Unroll.Ops.Recurrent;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>A sequence layer whose recurrence is one fused sweep over time: SimpleRnn, the LSTMs, GRU, IndRNN.</summary>
public abstract partial class RecurrentLayer : SequenceLayer
{
    private readonly float _dropout, _recurrentDropout, _zoneout;
    private readonly RecurrentDropoutKind _recurrentDropoutKind;
    private Initializer _kernelInitializer = new GlorotUniform();
    private Initializer _recurrentInitializer = new Orthogonal();
    private RecurrentWeights? _weights;

    /// <summary>Sets what every recurrent layer has.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Units below 1.</exception>
    protected RecurrentLayer(int units, bool returnSequences, string? name)
        : base(units, returnSequences, name)
    {
    }

    /// <summary>A layer from its configuration.</summary>
    private protected RecurrentLayer(LayerSettings settings)
        : this(settings.WholeNumber("units"), settings.Flag("return_sequences"), null)
    {
        GoBackwards = settings.Flag("go_backwards");
        UseBias = settings.Flag("use_bias");
        SeparateBiases = settings.Flag("separate_biases");
        Dropout = settings.Number("dropout");
        RecurrentDropout = settings.OptionalNumber("recurrent_dropout") ?? 0;
        RecurrentDropoutKind = settings.Choice("recurrent_dropout_kind", RecurrentDropoutKind.Variational);
        Zoneout = settings.OptionalNumber("zoneout") ?? 0;
        KernelInitializer = settings.Initializer("kernel_initializer");
        RecurrentInitializer = settings.Initializer("recurrent_initializer");
        KernelRegularizer = settings.Regularizer("kernel_regularizer");
        RecurrentRegularizer = settings.Regularizer("recurrent_regularizer");
        BiasRegularizer = settings.Regularizer("bias_regularizer");
        KernelConstraint = settings.Constraint("kernel_constraint");
        RecurrentConstraint = settings.Constraint("recurrent_constraint");
        BiasConstraint = settings.Constraint("bias_constraint");
        ChronoSteps = settings.WholeNumberOrNone("chrono_steps");
        WeightDrop = settings.OptionalNumber("weight_drop") ?? 0;
        LearnedInitialState = settings.FlagOrFalse("learned_initial_state");
    }

    /// <summary>Whether the gates have a bias. Default true.</summary>
    public bool UseBias { get; init; } = true;

    /// <summary>Whether the input and the recurrent product have a bias each, as in PyTorch, instead of one together. Default false.</summary>
    public bool SeparateBiases { get; init; }

    /// <summary>Share of the inputs dropped in training, in [0, 1). Default 0.</summary>
    public float Dropout
    {
        get => _dropout;
        init => _dropout = Share(value, nameof(Dropout), "dropout");
    }

    /// <summary>Share dropped in training of what <see cref="RecurrentDropoutKind"/> says, in [0, 1); the rest is divided by 1 − the share. Default 0.</summary>
    public float RecurrentDropout { get => _recurrentDropout; init => _recurrentDropout = Share(value, nameof(RecurrentDropout), "recurrentDropout"); }

    /// <summary>What <see cref="RecurrentDropout"/> drops. Default <see cref="RecurrentDropoutKind.Variational"/>.</summary>
    /// <exception cref="ArgumentException">Candidates of a layer that has none beside its state.</exception>
    public RecurrentDropoutKind RecurrentDropoutKind
    {
        get => _recurrentDropoutKind;
        init => _recurrentDropoutKind = value == RecurrentDropoutKind.Variational || (value == RecurrentDropoutKind.Candidate && HasCandidate)
            ? value
            : throw new ArgumentException($"{GetType().Name}: recurrentDropoutKind {value} cannot be used here; expected {(HasCandidate ? "Variational or Candidate" : "Variational, since the layer has no candidate beside its state")}.", nameof(RecurrentDropoutKind));
    }

    /// <summary>
    /// Probability in [0, 1) with which each unit keeps its hidden state in a step of training (zoneout, Krueger et al. 2017);
    /// otherwise the new state is this share of the old one and the rest of the proposed one. Default 0.
    /// </summary>
    public float Zoneout { get => _zoneout; init => _zoneout = Share(value, nameof(Zoneout), "zoneout"); }

    /// <summary>The same for the cell state, where there is one.</summary>
    internal virtual float CarryZoneout => 0;

    /// <summary>Whether a candidate is mixed into the state, so that it can be dropped.</summary>
    internal virtual bool HasCandidate => true;

    private protected float Share(float value, string property, string name) => value is >= 0 and < 1
        ? value
        : throw new ArgumentOutOfRangeException(property, string.Create(CultureInfo.InvariantCulture, $"{GetType().Name}: {name} is {value}; expected a share in [0, 1)."));

    /// <summary>
    /// Whether training keeps the hidden states alone, with the cell states at the start of each chunk of time, and computes the
    /// gates again in the backward pass (Gruslys et al. 2016, arXiv 1606.03401). Memory falls from G + 2 numbers a unit and
    /// step (LSTM; GRU 5, SimpleRNN 2) to little more than one, for about a third more time; results are the same bits. Default
    /// false. Not saved with a model: it is a matter of the machine that trains.
    /// </summary>
    public bool GradientCheckpointing { get; set; }

    /// <summary>Initial input weights. Default Glorot uniform.</summary>
    public Initializer KernelInitializer { get => _kernelInitializer; init => _kernelInitializer = value; }

    /// <summary>Initial recurrent weights. Default orthogonal.</summary>
    public Initializer RecurrentInitializer { get => _recurrentInitializer; init => _recurrentInitializer = value; }

    internal abstract RecurrentCell Cell { get; }

    /// <summary>The cell's activations and limits.</summary>
    internal virtual CellOptions Form => CellOptions.Usual;

    /// <summary>Whether the cell's own kernel computes this form.</summary>
    internal virtual bool IsUsual => Form == CellOptions.Usual;

    /// <summary>What a general kernel is to compute; null where the cell's own will do.</summary>
    internal CellOptions? Options => IsUsual && RecurrentDropout == 0 && Zoneout == 0 && CarryZoneout == 0 ? null : Form;

    /// <summary>The parameters for the fused kernels.</summary>
    internal RecurrentWeights Weights => _weights ?? throw new InvalidOperationException($"{Title} has no weights yet; build it first.");

    private protected override Shape[] StateShapes(int batch)
    {
        var shape = new Shape(batch, Units);
        return CellKernels.Of(Cell).HasCarry ? [shape, shape] : [shape];
    }

    private protected override Tensor RunFrom(Tensor input, Span<Tensor> state, int given, Pass pass, out int count)
    {
        (Tensor output, RecurrentState final) = ForwardWithState(input, RecurrentState.Of(state[..given]), pass);
        count = final.CopyTo(state);
        return output;
    }

    /// <summary>Runs from a given state and gives the state after each sequence's last real step.</summary>
    /// <param name="input">[B, T, I].</param>
    /// <param name="initial">The state before the first step read, or null for zeros.</param>
    /// <param name="pass">Tape and training flag.</param>
    /// <exception cref="ArgumentException">Shapes that do not fit.</exception>
    public (Tensor Output, RecurrentState Final) ForwardWithState(Tensor input, RecurrentState? initial, Pass pass)
    {
        EnsureBuilt(input, pass);
        Tensor packed = Prepare(input, pass);
        RecurrentCall call = Call(packed, initial, GoBackwards, pass);
        RecurrentResult result = pass.Observer is null ? RecurrentOp.Of(pass.Tape, packed, call) : ObservedRecurrence.Of(Name, packed, call, pass);
        return (ReturnSequences ? result.Sequence : result.FinalState, new RecurrentState(result.FinalState, result.FinalCarry));
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["units"] = Units;
        configuration["return_sequences"] = ReturnSequences;
        configuration["go_backwards"] = GoBackwards;
        configuration["use_bias"] = UseBias;
        configuration["separate_biases"] = SeparateBiases;
        configuration["dropout"] = Dropout;
        configuration["recurrent_dropout"] = RecurrentDropout;
        configuration["recurrent_dropout_kind"] = RecurrentDropoutKind.ToString();
        configuration["zoneout"] = Zoneout;
        configuration["kernel_initializer"] = KernelInitializer.Describe();
        configuration["recurrent_initializer"] = RecurrentInitializer.Describe();
        WriteRules(configuration);
    }

    internal override SequenceLayer Reversed()
    {
        var reversed = (RecurrentLayer)base.Reversed();
        reversed.GradientCheckpointing = GradientCheckpointing;
        reversed._kernelInitializer = _kernelInitializer;
        reversed._recurrentInitializer = _recurrentInitializer;
        return reversed;
    }

    /// <summary>Rows packed by time, with input dropout in training.</summary>
    internal Tensor Prepare(Tensor input, Pass pass)
    {
        input = PackOp.ByTime(pass.Tape, input);
        return pass.Training && Dropout > 0 ? DropoutOp.Of(pass.Tape, input, Dropout, new RandomStream(pass.Seed, Name, pass.Step).Fork("dropout")) : input;
    }

    /// <summary>The fused recurrence over packed rows, for <see cref="RecurrentOp"/>.</summary>
    internal RecurrentCall Call(Tensor packed, RecurrentState? initial, bool reverse, Pass pass, Tensor? into = null, int column = 0)
    {
        if (initial is { Carry: not null } && !CellKernels.Of(Cell).HasCarry)
            throw new ArgumentException($"{Title} has no cell state; received one in the initial state.", nameof(initial));
        if (initial is { } given)
        {
            CheckState(packed, given.Hidden, "hidden", nameof(initial));
            if (given.Carry is { } carry) CheckState(packed, carry, "cell", nameof(initial));
        }
        initial ??= LearnedState(packed.Shape[0], pass);
        return new RecurrentCall(WeightsOf(pass), reverse, initial?.Hidden, initial?.Carry, into, column, GradientCheckpointing, Options, NoiseOf(pass));
    }

    private RecurrentNoise NoiseOf(Pass pass)
    {
        bool variational = RecurrentDropoutKind == RecurrentDropoutKind.Variational;
        return new RecurrentNoise(variational ? RecurrentDropout : 0, variational ? 0 : RecurrentDropout, Zoneout, CarryZoneout, pass.Training,
            new RandomStream(pass.Seed, Name, pass.Step));
    }

    private void CheckState(Tensor packed, Tensor state, string kind, string parameter)
    {
        var expected = new Shape(packed.Shape[0], Units);
        if (state.Shape != expected)
            throw new ArgumentException($"{Title}: expected an initial {kind} state {expected}, [batch, units], received {state.Shape}.", parameter);
    }

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        int inputs = input[2];
        _weights = new RecurrentWeights(Cell, inputs, Units, UseBias, SeparateBiases);
        int columns = RecurrentWeights.GatesOf(Cell) * Units;
        Initialize(_weights.Kernel, KernelInitializer, inputs, columns, seed);
        Initialize(_weights.RecurrentKernel, RecurrentInitializer, _weights.RecurrentKernel.Shape.Rank == 1 ? 1 : Units, columns, seed);
        if (_weights.Bias is { } bias) InitializeBias(bias);
        SetRules(_weights, seed);
        foreach (Parameter parameter in _weights.All) AddParameter(parameter);
        CreateInitialState();
    }

    /// <summary>Sets the bias's first values; zeros unless a layer wants others.</summary>
    private protected virtual void InitializeBias(Parameter bias)
    {
    }

    private void Initialize(Parameter parameter, Initializer initializer, int rows, int columns, ulong seed)
    {
        float[] values = new float[rows * columns];
        initializer.Fill(values, rows, columns, new RandomStream(seed, $"{Name}/{parameter.Name}"));
        parameter.Set(values);
    }
}

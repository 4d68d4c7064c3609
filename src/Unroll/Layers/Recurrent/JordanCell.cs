using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// The network of Jordan 1986, whose output is fed back as an input, for <see cref="Rnn"/>:
/// <code>
/// h′ = φ(x W + y U + b)   y′ = ψ(h′ V + c)
/// </code>
/// With <see cref="FeedsHidden"/> the hidden state is fed back beside it, as in Elman's network: h′ = φ(x W + y U + h R + b).
/// </summary>
public sealed class JordanCell : RnnCell<JordanState>
{
    internal const string KindName = "jordan";

    private Parameter? _kernel, _outputKernel, _feedbackKernel, _hiddenKernel, _bias, _outputBias;

    /// <summary>A cell of given widths.</summary>
    /// <param name="hiddenUnits">H, the width of the hidden layer. At least 1.</param>
    /// <param name="outputs">O, the width of the output that is fed back. At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one unit or output.</exception>
    public JordanCell(int hiddenUnits, int outputs)
    {
        if (hiddenUnits < 1) throw new ArgumentOutOfRangeException(nameof(hiddenUnits), $"JordanCell: expected at least 1 hidden unit, received {hiddenUnits}.");
        if (outputs < 1) throw new ArgumentOutOfRangeException(nameof(outputs), $"JordanCell: expected at least 1 output, received {outputs}.");
        (HiddenUnits, Units) = (hiddenUnits, outputs);
    }

    /// <summary>H: the width of the hidden layer.</summary>
    public int HiddenUnits { get; }

    /// <summary>O: the width of the output.</summary>
    public override int Units { get; }

    /// <summary>φ, of the hidden layer. Default tanh.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;

    /// <summary>ψ, of the output. Default linear.</summary>
    public Activation OutputActivation { get; init; } = Activation.Linear;

    /// <summary>Whether the hidden state is fed back too. Default false.</summary>
    public bool FeedsHidden { get; init; }

    /// <summary>
    /// If given, y in the equations is in training the truth as often as this says (Williams and Zipser 1989): the last O features of
    /// each step's input are the true output of the step before, and x is the others. They are looked at in training alone. Default
    /// null: always the cell's own output.
    /// </summary>
    public TeacherForcing? TeacherForcing { get; init; }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override JordanState InitialState(int batch, Pass pass) =>
        new(pass.Zeros(batch, Units), FeedsHidden ? pass.Zeros(batch, HiddenUnits) : null);

    /// <inheritdoc/>
    public override (Tensor Output, JordanState Next) Step(Tensor input, JordanState state, Pass pass)
    {
        Tensor fed = state.Output;
        if (TeacherForcing is { } forcing)
        {
            int inputs = input.Features - Units;
            fed = forcing.Fed(fed, pass.Slice(input, inputs, Units), pass);
            input = pass.Slice(input, 0, inputs);
        }
        Tensor sum = pass.Add(pass.Linear(input, _kernel!, _bias), pass.Linear(fed, _feedbackKernel!));
        if (state.Hidden is { } before) sum = pass.Add(sum, pass.Linear(before, _hiddenKernel!));
        Tensor hidden = pass.Apply(Activation, sum);
        Tensor output = pass.Apply(OutputActivation, pass.Linear(hidden, _outputKernel!, _outputBias));
        return (output, new JordanState(output, FeedsHidden ? hidden : null));
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["hidden_units"] = HiddenUnits;
        configuration["outputs"] = Units;
        configuration["activation"] = Activation.Name;
        configuration["output_activation"] = OutputActivation.Name;
        configuration["feeds_hidden"] = FeedsHidden;
        if (TeacherForcing is { } forcing) configuration["teacher_forcing"] = forcing.Describe();
    }

    internal static JordanCell FromConfiguration(JsonObject configuration)
    {
        var settings = new LayerSettings(KindName, configuration);
        return new JordanCell(settings.WholeNumber("hidden_units"), settings.WholeNumber("outputs"))
        {
            Activation = settings.Activation("activation"),
            OutputActivation = settings.Activation("output_activation"),
            FeedsHidden = settings.Flag("feeds_hidden"),
            TeacherForcing = configuration["teacher_forcing"] is { } forcing ? TeacherForcing.FromDescription(forcing) : null,
        };
    }

    /// <inheritdoc/>
    protected override void CreateParameters(int inputs)
    {
        if (TeacherForcing is not null && (inputs -= Units) < 1)
            throw new ArgumentException($"JordanCell: expected more than {Units} features, an input and behind it the {Units} true outputs of the step before, received {inputs + Units}.", nameof(inputs));
        _kernel = AddParameter("kernel", new Shape(inputs, HiddenUnits), new GlorotUniform());
        _feedbackKernel = AddParameter("feedback_kernel", new Shape(Units, HiddenUnits), new GlorotUniform());
        if (FeedsHidden) _hiddenKernel = AddParameter("recurrent_kernel", new Shape(HiddenUnits, HiddenUnits), new Orthogonal());
        _bias = AddParameter("bias", new Shape(HiddenUnits));
        _outputKernel = AddParameter("output_kernel", new Shape(HiddenUnits, Units), new GlorotUniform());
        _outputBias = AddParameter("output_bias", new Shape(Units));
    }
}

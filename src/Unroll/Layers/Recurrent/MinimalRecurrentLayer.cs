using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A recurrent layer whose gates see the input alone (Feng et al. 2024, arXiv 2410.01201): all products are computed for all steps
/// at once, and what is left from step to step is a weighted mean.
/// </summary>
public abstract class MinimalRecurrentLayer : SequenceLayer
{
    private Parameter? _kernel, _bias;

    private protected MinimalRecurrentLayer(int units, bool returnSequences, string? name)
        : base(units, returnSequences, name)
    {
    }

    private protected MinimalRecurrentLayer(LayerSettings settings)
        : this(settings.WholeNumber("units"), settings.Flag("return_sequences"), null)
    {
        GoBackwards = settings.Flag("go_backwards");
        UseBias = settings.Flag("use_bias");
        ParallelScan = settings.FlagOrFalse("parallel_scan");
        KernelInitializer = settings.Initializer("kernel_initializer");
    }

    /// <summary>Whether gates and candidate have a bias. Default true.</summary>
    public bool UseBias { get; init; } = true;

    /// <summary>
    /// Whether time is cut in chunks of 64 steps of each sequence that threads compute side by side, instead of
    /// one chain over time a unit. For long sequences that are few and narrow on many threads: where units and sequences give every
    /// thread work, it only costs. Its results are the same bits on any number of threads and in any batch, and those of the chain
    /// up to rounding: beyond 64 steps a stream, and a sequence in pieces, give those of the whole up to rounding. Default false.
    /// </summary>
    public bool ParallelScan { get; init; }

    /// <summary>Initial weights. Default Glorot uniform.</summary>
    public Initializer KernelInitializer { get; init; } = new GlorotUniform();

    /// <summary>S: how many sums of a unit the input's product gives.</summary>
    internal abstract int Sums { get; }

    private protected override Shape[] StateShapes(int batch) => [new Shape(batch, Units)];

    private protected override Tensor RunFrom(Tensor input, Span<Tensor> state, int given, Pass pass, out int count)
    {
        (Tensor output, RecurrentState final) = ForwardWithState(input, RecurrentState.Of(state[..given]), pass);
        count = final.CopyTo(state);
        return output;
    }

    /// <summary>Runs from a given state and gives the state after each sequence's last real step.</summary>
    /// <param name="input">[B, T, I].</param>
    /// <param name="initial">The state before the first step read, or null for zeros; without a cell state.</param>
    /// <param name="pass">Tape and training flag.</param>
    /// <exception cref="ArgumentException">Shapes that do not fit.</exception>
    public (Tensor Output, RecurrentState Final) ForwardWithState(Tensor input, RecurrentState? initial, Pass pass)
    {
        EnsureBuilt(input, pass);
        if (initial is { Carry: not null }) throw new ArgumentException($"{Title} has no cell state; received one in the initial state.", nameof(initial));
        var expected = new Shape(input.Shape[0], Units);
        if (initial is { } given && given.Hidden.Shape != expected)
            throw new ArgumentException($"{Title}: expected an initial hidden state {expected}, [batch, units], received {given.Hidden.Shape}.", nameof(initial));
        Tensor sums = LinearOp.Of(pass.Tape, PackOp.ByTime(pass.Tape, input), _kernel!, _bias);
        (Tensor sequence, Tensor final) = Scan(pass.Tape, sums, initial?.Hidden);
        return (ReturnSequences ? sequence : final, new RecurrentState(final));
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["units"] = Units;
        configuration["return_sequences"] = ReturnSequences;
        configuration["go_backwards"] = GoBackwards;
        configuration["use_bias"] = UseBias;
        configuration["parallel_scan"] = ParallelScan;
        configuration["kernel_initializer"] = KernelInitializer.Describe();
    }

    internal abstract (Tensor Sequence, Tensor Final) Scan(Tape tape, Tensor sums, Tensor? initial);

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        int inputs = input[2], columns = Sums * Units;
        _kernel = AddParameter(new Parameter("kernel", new Shape(inputs, columns), new PanelLayout(inputs, 1, columns)).Filled(KernelInitializer, this, seed));
        if (UseBias) _bias = AddParameter(new Parameter("bias", new Shape(columns), new PanelLayout(1, 1, columns)));
    }
}

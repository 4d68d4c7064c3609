using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Sequences;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Attention to a window (Luong et al. 2015, arXiv 1508.04025, section 3.2): a query sees the keys s with |s − p| ≤ D alone, over which
/// the softmax goes. With <see cref="LocalAlignment.Monotonic"/> p is the query's own number; with <see cref="LocalAlignment.Predictive"/>
/// it is predicted from the query, and each weight is multiplied with e^(−(s − p)² / 2σ²), σ = D / 2, so that weights add up to less than
/// one. Keys are counted from 0. A query whose window holds no key has an output of zeros.
/// </summary>
public sealed class LocalAttention : MultiplicativeScoreLayer
{
    internal const string KindName = "local_attention";

    private Parameter? _positionKernel, _positionDirection;

    /// <summary>A layer that looks at windows.</summary>
    /// <param name="window">D, how many keys a query sees on either side of its centre. At least 1.</param>
    /// <param name="alignment">Where the centre is. Default <see cref="LocalAlignment.Predictive"/>.</param>
    /// <param name="score">How queries and keys are compared. Default <see cref="AttentionScore.General"/>.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A window below 1, or no such alignment or score.</exception>
    public LocalAttention(int window, LocalAlignment alignment = LocalAlignment.Predictive, AttentionScore score = AttentionScore.General, string? name = null)
        : base(score, name)
    {
        (Window, Alignment) = (Checked(window), alignment);
        if (!Enum.IsDefined(alignment)) throw new ArgumentOutOfRangeException(nameof(alignment), $"LocalAttention: alignment {(int)alignment} is not one of {string.Join(", ", Enum.GetNames<LocalAlignment>())}.");
    }

    private LocalAttention(LayerSettings settings)
        : base(settings)
    {
        Window = Checked(settings.WholeNumber("window"));
        Alignment = settings.Choice("alignment", LocalAlignment.Predictive);
    }

    /// <summary>D, how many keys a query sees on either side of its centre.</summary>
    public int Window { get; }

    /// <summary>Where the centre of a query's window is.</summary>
    public LocalAlignment Alignment { get; }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        base.WriteConfiguration(configuration);
        configuration["window"] = Window;
        configuration["alignment"] = Alignment.ToString();
    }

    internal static LocalAttention FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration));

    internal override Tensor Attend(Tensor queries, in AttentionMemory memory, Pass pass, out Tensor weights)
    {
        Tape tape = pass.Tape;
        Tensor centres = _positionKernel is null ? default : Centres(queries, memory.Keys, tape);
        var window = new AttentionWindow(Window) { Centres = centres, FirstQuery = pass.TimeStep };
        weights = MaskedSoftmaxOp.Of(tape, Scores(queries, in memory, pass), memory.Keys, window);
        if (!centres.IsDefault) weights = GaussianWindowOp.Of(tape, weights, memory.Keys, in window, Window / 2f);
        return Average(weights, memory.Values, pass);
    }

    /// <inheritdoc/>
    private protected override void CreateParameters(ReadOnlySpan<Shape> inputs, ulong seed)
    {
        base.CreateParameters(inputs, seed);
        if (Alignment != LocalAlignment.Predictive) return;
        int width = inputs[0].Features;
        _positionKernel = AddParameter(new Parameter("position_kernel", new Shape(width, width), new PanelLayout(width, 1, width)).Filled(new GlorotUniform(), this, seed));
        _positionDirection = AddParameter(new Parameter("position_direction", new Shape(width, 1), new PanelLayout(width, 1, 1)).Filled(new GlorotUniform(), this, seed));
    }

    /// <summary>p [B, Tq, 1] = S · σ(vᵀ tanh(W h)), with S the number of a sequence's real keys.</summary>
    private unsafe Tensor Centres(Tensor queries, Tensor keys, Tape tape)
    {
        Tensor hidden = Activation.Tanh.Apply(tape, LinearOp.Of(tape, queries, _positionKernel!, null));
        Tensor share = Activation.Sigmoid.Apply(tape, LinearOp.Of(tape, hidden, _positionDirection!, null));
        float* counts = tape.Scratch(queries.Rows);
        var queryRows = new SequenceRows(queries.Layout, queries.Shape[0], queries.Shape[1]);
        var keyRows = new SequenceRows(keys.Layout, keys.Shape[0], keys.Shape[1]);
        for (int place = 0; place < queryRows.Batch; place++)
        {
            int sequence = queryRows.Sequence(place);
            for (int step = 0; step < queryRows.Length(sequence); step++) counts[queryRows.Row(place, step)] = keyRows.Length(sequence);
        }
        return ScaleRowsOp.Of(tape, share, counts);
    }

    private static int Checked(int window) => window >= 1 ? window
        : throw new ArgumentOutOfRangeException(nameof(window), $"LocalAttention: expected a window of at least 1 key on either side, received {window}.");
}

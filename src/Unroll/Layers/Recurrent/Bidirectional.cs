using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Ops.Recurrent;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A recurrent layer read in both directions (Schuster and Paliwal 1997). Each sequence is read back from its own last
/// real step. Without sequences the output joins the forward state after the last step with the backward state after
/// the first.
/// </summary>
public sealed class Bidirectional : Layer, IStatefulLayer
{
    internal const string KindName = "bidirectional";

    private readonly bool _areAlike; // but for their directions
    private int _forwardParts; // tensors of the forward layer's state; 0 until somebody wants to know

    /// <summary>Reads with a layer and with a copy of it that has weights of its own.</summary>
    /// <param name="layer">Not built yet, and not in another model.</param>
    /// <param name="merge">How to join the directions. Default side by side.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentException">A layer that is built, or that already goes backwards; an unknown merge.</exception>
    public Bidirectional(SequenceLayer layer, MergeMode merge = MergeMode.Concat, string? name = null)
        : this(Checked(layer, goesBackwards: false), layer.Reversed(), merge, name)
    {
    }

    /// <summary>Reads with one layer forward and with another backward.</summary>
    /// <param name="forward">Not built yet, and not in another model.</param>
    /// <param name="backward">
    /// As <paramref name="forward"/>, with <see cref="SequenceLayer.GoBackwards"/> and the same <see cref="SequenceLayer.ReturnSequences"/>. Of
    /// any kind and settings where the directions are joined side by side, of as many units otherwise.
    /// </param>
    /// <param name="merge">How to join the directions. Default side by side.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentException">A layer that is built or reads the wrong way, or two whose outputs cannot be joined; an unknown merge.</exception>
    public Bidirectional(SequenceLayer forward, SequenceLayer backward, MergeMode merge = MergeMode.Concat, string? name = null)
        : base(name)
    {
        ForwardLayer = Checked(forward, goesBackwards: false);
        BackwardLayer = Checked(backward, goesBackwards: true);
        if (!Enum.IsDefined(merge)) throw new ArgumentOutOfRangeException(nameof(merge), $"Bidirectional: merge {(int)merge} is not one of {string.Join(", ", Enum.GetNames<MergeMode>())}.");
        if (forward.ReturnSequences != backward.ReturnSequences)
            throw new ArgumentException($"Bidirectional: expected ReturnSequences of both layers alike, found {forward.ReturnSequences} forward and {backward.ReturnSequences} backward.", nameof(backward));
        if (merge != MergeMode.Concat && forward.Units != backward.Units)
            throw new ArgumentException($"Bidirectional: expected a backward layer of {forward.Units} units, like the forward one, to merge by {merge}; found {backward.Units}. Layers of different width are joined by {MergeMode.Concat}.", nameof(backward));
        Merge = merge;
        _areAlike = Described(forward).ToJsonString() == Described(backward, goesBackwards: false).ToJsonString();
    }

    /// <summary>How the directions are joined.</summary>
    public MergeMode Merge { get; }

    /// <summary>The layer that reads forward.</summary>
    public SequenceLayer ForwardLayer { get; }

    /// <summary>The layer that reads backward.</summary>
    public SequenceLayer BackwardLayer { get; }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        TimeAxis.Require(this, input, "A table of rows needs a time axis first.");
        Shape one = ForwardLayer.OutputShapeOf(input), other = BackwardLayer.OutputShapeOf(input);
        return Merge == MergeMode.Concat ? one.With(-1, one.Features + other.Features) : one;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        StateParts one = default, other = default;
        return Run(input, one, 0, other, 0, pass, out _, out _);
    }

    /// <summary>Runs both directions from given states and gives the states that they end with.</summary>
    /// <param name="input">[B, T, I].</param>
    /// <param name="initialForward">The forward state before step 0, or null for zeros.</param>
    /// <param name="initialBackward">The backward state after the last real step, or null for zeros.</param>
    /// <param name="pass">Tape and training flag.</param>
    /// <exception cref="NotSupportedException">A cell of one's own whose state is no <see cref="RecurrentState"/>.</exception>
    public (Tensor Output, RecurrentState FinalForward, RecurrentState FinalBackward) ForwardWithState(
        Tensor input, RecurrentState? initialForward, RecurrentState? initialBackward, Pass pass)
    {
        StateParts one = default, other = default;
        Span<Tensor> forward = one, backward = other;
        Tensor output = Run(input, forward, initialForward?.CopyTo(forward) ?? 0, backward, initialBackward?.CopyTo(backward) ?? 0, pass, out int last, out int first);
        if (Math.Max(last, first) > 2) throw new NotSupportedException($"{Title}: a state of its layers has {Math.Max(last, first)} tensors; expected a hidden state and at most one cell state.");
        return (output, RecurrentState.Of(forward[..last])!.Value, RecurrentState.Of(backward[..first])!.Value);
    }

    Shape[] IStatefulLayer.StateShapes(int batch) => [.. ((IStatefulLayer)ForwardLayer).StateShapes(batch), .. ((IStatefulLayer)BackwardLayer).StateShapes(batch)];

    /// <summary>The state is the forward layer's and then the backward layer's.</summary>
    Tensor IStatefulLayer.Run(Tensor input, Span<Tensor> state, int given, Pass pass, out int count)
    {
        if (_forwardParts == 0) _forwardParts = ((IStatefulLayer)ForwardLayer).StateShapes(1).Length;
        int forward = _forwardParts;
        Tensor output = given > 0
            ? Run(input, state[..forward], forward, state[forward..], given - forward, pass, out int last, out int first)
            : Run(input, state[..forward], 0, state[forward..], 0, pass, out last, out first);
        count = last + first;
        return output;
    }

    private Tensor Run(Tensor input, Span<Tensor> forward, int givenForward, Span<Tensor> backward, int givenBackward, Pass pass, out int last, out int first)
    {
        if (pass.States is not null && givenForward == 0)
            throw new InvalidOperationException($"{Title} reads from the last step too, so no state can be carried into it from the steps before. Use a layer in one direction, or whole sequences.");
        EnsureBuilt(input, pass);
        if (_areAlike && ForwardLayer is RecurrentLayer one && BackwardLayer is RecurrentLayer other && pass.Observer is null)
        {
            (Tensor output, RecurrentResult ahead, RecurrentResult back) =
                RunTogether(one, other, input, RecurrentState.Of(forward[..givenForward]), RecurrentState.Of(backward[..givenBackward]), pass);
            last = new RecurrentState(ahead.FinalState, ahead.FinalCarry).CopyTo(forward);
            first = new RecurrentState(back.FinalState, back.FinalCarry).CopyTo(backward);
            return output;
        }
        Tensor packed = PackOp.ByTime(pass.Tape, input);
        return Join(pass.Tape, ForwardLayer.Run(packed, forward, givenForward, pass, out last), BackwardLayer.Run(packed, backward, givenBackward, pass, out first));
    }

    /// <summary>Both directions in one call, which then shares the threads; side by side without a copy.</summary>
    private (Tensor Output, RecurrentResult Forward, RecurrentResult Backward) RunTogether(
        RecurrentLayer one, RecurrentLayer other, Tensor input, RecurrentState? initialForward, RecurrentState? initialBackward, Pass pass)
    {
        Tape tape = pass.Tape;
        Tensor packed = one.Prepare(input, pass);
        Tensor? joined = ForwardLayer.ReturnSequences && Merge == MergeMode.Concat
            ? tape.New(packed.Shape.With(-1, 2 * one.Units), packed.Layout)
            : null;
        (RecurrentResult forward, RecurrentResult backward) = RecurrentOp.Both(
            tape, packed, one.Call(packed, initialForward, reverse: false, pass, joined, 0),
            other.Call(packed, initialBackward, reverse: true, pass, joined, joined is null ? 0 : one.Units));
        Tensor output = joined ?? (ForwardLayer.ReturnSequences
            ? Join(tape, forward.Sequence, backward.Sequence)
            : Join(tape, forward.FinalState, backward.FinalState));
        return (output, forward, backward);
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["merge"] = Merge.ToString();
        configuration["layer"] = Described(ForwardLayer);
        if (!_areAlike) configuration["backward_layer"] = Described(BackwardLayer);
    }

    internal static Bidirectional FromConfiguration(JsonObject configuration)
    {
        SequenceLayer layer = Made(configuration, "layer");
        SequenceLayer? backward = configuration.ContainsKey("backward_layer") ? Made(configuration, "backward_layer") : null;
        string merge = new LayerSettings(KindName, configuration).Text("merge");
        return Enum.TryParse(merge, out MergeMode mode) && Enum.IsDefined(mode)
            ? backward is null ? new Bidirectional(layer, mode) : new Bidirectional(layer, backward, mode)
            : throw new InvalidDataException($"Layer kind '{KindName}': the setting 'merge' is \"{merge}\"; expected one of {string.Join(", ", Enum.GetNames<MergeMode>())}.");
    }

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        foreach ((SequenceLayer layer, string direction) in new[] { (ForwardLayer, "forward"), (BackwardLayer, "backward") })
        {
            layer.Name = $"{Name}/{direction}";
            layer.Build(input, seed);
            foreach (Parameter parameter in layer.Parameters)
            {
                parameter.Name = $"{direction}/{parameter.Name}";
                AddParameter(parameter);
            }
        }
    }

    private static SequenceLayer Checked(SequenceLayer layer, bool goesBackwards)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (layer.IsBuilt) throw new ArgumentException($"Bidirectional: {layer.Title} is built already; give a new layer.", nameof(layer));
        if (layer.GoBackwards == goesBackwards) return layer;
        throw new ArgumentException(goesBackwards
            ? $"Bidirectional: {layer.Title} reads forward; give the backward layer GoBackwards."
            : $"Bidirectional: {layer.Title} goes backwards already; give a layer that reads forward.", nameof(layer));
    }

    private static JsonObject Described(SequenceLayer layer, bool? goesBackwards = null)
    {
        var description = new JsonObject { ["kind"] = layer.Kind };
        layer.WriteConfiguration(description);
        if (goesBackwards is { } given) description["go_backwards"] = given;
        return description;
    }

    private static SequenceLayer Made(JsonObject configuration, string setting)
    {
        if (configuration[setting] is not JsonObject inner) throw new InvalidDataException($"Layer kind '{KindName}': the setting '{setting}' is missing; expected a recurrent layer.");
        string kind = new LayerSettings(KindName, inner).Text("kind");
        return LayerCatalogue.Make(kind, inner) as SequenceLayer
            ?? throw new InvalidDataException($"Layer kind '{KindName}': its layer is of kind '{kind}'; expected a recurrent layer.");
    }

    private Tensor Join(Tape tape, Tensor forward, Tensor backward) => Merge switch
    {
        MergeMode.Concat => ConcatenateOp.Of(tape, forward, backward),
        MergeMode.Sum => AddOp.Of(tape, forward, backward),
        MergeMode.Multiply => MultiplyOp.Of(tape, forward, backward),
        _ => ScaleOp.Of(tape, AddOp.Of(tape, forward, backward), 0.5f),
    };
}

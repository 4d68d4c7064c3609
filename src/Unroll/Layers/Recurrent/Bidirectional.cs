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
public sealed class Bidirectional : Layer
{
    internal const string KindName = "bidirectional";

    private readonly RecurrentLayer _forward;
    private readonly RecurrentLayer _backward;
    private readonly bool _areAlike; // but for their directions

    /// <summary>Reads with a layer and with a copy of it that has weights of its own.</summary>
    /// <param name="layer">Not built yet, and not in another model.</param>
    /// <param name="merge">How to join the directions. Default side by side.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentException">A layer that is built, or that already goes backwards; an unknown merge.</exception>
    public Bidirectional(RecurrentLayer layer, MergeMode merge = MergeMode.Concat, string? name = null)
        : this(Checked(layer, goesBackwards: false), layer.Reversed(), merge, name)
    {
    }

    /// <summary>Reads with one layer forward and with another backward.</summary>
    /// <param name="forward">Not built yet, and not in another model.</param>
    /// <param name="backward">
    /// As <paramref name="forward"/>, with <see cref="RecurrentLayer.GoBackwards"/> and the same <see cref="RecurrentLayer.ReturnSequences"/>. Of
    /// any kind and settings where the directions are joined side by side, of as many units otherwise.
    /// </param>
    /// <param name="merge">How to join the directions. Default side by side.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentException">A layer that is built or reads the wrong way, or two whose outputs cannot be joined; an unknown merge.</exception>
    public Bidirectional(RecurrentLayer forward, RecurrentLayer backward, MergeMode merge = MergeMode.Concat, string? name = null)
        : base(name)
    {
        _forward = Checked(forward, goesBackwards: false);
        _backward = Checked(backward, goesBackwards: true);
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
    public RecurrentLayer ForwardLayer => _forward;

    /// <summary>The layer that reads backward.</summary>
    public RecurrentLayer BackwardLayer => _backward;

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        TimeAxis.Require(this, input, "A table of rows needs a time axis first.");
        Shape one = _forward.OutputShapeOf(input), other = _backward.OutputShapeOf(input);
        return Merge == MergeMode.Concat ? one.With(-1, one.Features + other.Features) : one;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass) => pass.States is null
        ? ForwardWithState(input, null, null, pass).Output
        : throw new InvalidOperationException($"{Title} reads from the last step too, so no state can be carried into it from the steps before. Use a layer in one direction, or whole sequences.");

    /// <summary>Runs both directions from given states and gives the states that they end with.</summary>
    /// <param name="input">[B, T, I].</param>
    /// <param name="initialForward">The forward state before step 0, or null for zeros.</param>
    /// <param name="initialBackward">The backward state after the last real step, or null for zeros.</param>
    /// <param name="pass">Tape and training flag.</param>
    public (Tensor Output, RecurrentState FinalForward, RecurrentState FinalBackward) ForwardWithState(
        Tensor input, RecurrentState? initialForward, RecurrentState? initialBackward, Pass pass)
    {
        EnsureBuilt(input, pass);
        Tape tape = pass.Tape;
        if (!_areAlike)
        {
            (Tensor one, RecurrentState last) = _forward.ForwardWithState(input, initialForward, pass);
            (Tensor other, RecurrentState first) = _backward.ForwardWithState(input, initialBackward, pass);
            return (Join(tape, one, other), last, first);
        }
        Tensor packed = _forward.Prepare(input, pass);
        if (pass.Observer is not null) return Observed(packed, initialForward, initialBackward, pass);
        Tensor? joined = _forward.ReturnSequences && Merge == MergeMode.Concat
            ? tape.New(packed.Shape.With(-1, 2 * _forward.Units), packed.Layout)
            : null;
        (RecurrentResult forward, RecurrentResult backward) = RecurrentOp.Both(
            tape, packed, _forward.Call(packed, initialForward, reverse: false, pass, joined, 0),
            _backward.Call(packed, initialBackward, reverse: true, pass, joined, joined is null ? 0 : _forward.Units));
        return Result(tape, joined, forward, backward);
    }

    private (Tensor Output, RecurrentState FinalForward, RecurrentState FinalBackward) Observed(
        Tensor packed, RecurrentState? initialForward, RecurrentState? initialBackward, Pass pass) => Result(
            pass.Tape, null, ObservedRecurrence.Of(_forward.Name, packed, _forward.Call(packed, initialForward, reverse: false, pass), pass),
            ObservedRecurrence.Of(_backward.Name, packed, _backward.Call(packed, initialBackward, reverse: true, pass), pass));

    private (Tensor Output, RecurrentState FinalForward, RecurrentState FinalBackward) Result(
        Tape tape, Tensor? joined, RecurrentResult forward, RecurrentResult backward)
    {
        Tensor output = joined ?? (_forward.ReturnSequences
            ? Join(tape, forward.Sequence, backward.Sequence)
            : Join(tape, forward.FinalState, backward.FinalState));
        return (output, new RecurrentState(forward.FinalState, forward.FinalCarry), new RecurrentState(backward.FinalState, backward.FinalCarry));
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["merge"] = Merge.ToString();
        configuration["layer"] = Described(_forward);
        if (!_areAlike) configuration["backward_layer"] = Described(_backward);
    }

    internal static Bidirectional FromConfiguration(JsonObject configuration)
    {
        RecurrentLayer layer = Made(configuration, "layer");
        RecurrentLayer? backward = configuration.ContainsKey("backward_layer") ? Made(configuration, "backward_layer") : null;
        string merge = new LayerSettings(KindName, configuration).Text("merge");
        return Enum.TryParse(merge, out MergeMode mode) && Enum.IsDefined(mode)
            ? backward is null ? new Bidirectional(layer, mode) : new Bidirectional(layer, backward, mode)
            : throw new InvalidDataException($"Layer kind '{KindName}': the setting 'merge' is \"{merge}\"; expected one of {string.Join(", ", Enum.GetNames<MergeMode>())}.");
    }

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        foreach ((RecurrentLayer layer, string direction) in new[] { (_forward, "forward"), (_backward, "backward") })
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

    private static RecurrentLayer Checked(RecurrentLayer layer, bool goesBackwards)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (layer.IsBuilt) throw new ArgumentException($"Bidirectional: {layer.Title} is built already; give a new layer.", nameof(layer));
        if (layer.GoBackwards == goesBackwards) return layer;
        throw new ArgumentException(goesBackwards
            ? $"Bidirectional: {layer.Title} reads forward; give the backward layer GoBackwards."
            : $"Bidirectional: {layer.Title} goes backwards already; give a layer that reads forward.", nameof(layer));
    }

    private static JsonObject Described(RecurrentLayer layer, bool? goesBackwards = null)
    {
        var description = new JsonObject { ["kind"] = layer.Kind };
        layer.WriteConfiguration(description);
        if (goesBackwards is { } given) description["go_backwards"] = given;
        return description;
    }

    private static RecurrentLayer Made(JsonObject configuration, string setting)
    {
        if (configuration[setting] is not JsonObject inner) throw new InvalidDataException($"Layer kind '{KindName}': the setting '{setting}' is missing; expected a recurrent layer.");
        string kind = new LayerSettings(KindName, inner).Text("kind");
        return LayerCatalogue.Make(kind, inner) as RecurrentLayer
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

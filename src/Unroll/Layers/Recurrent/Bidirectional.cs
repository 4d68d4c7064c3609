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

    /// <summary>Reads with a layer and with a copy of it that has weights of its own.</summary>
    /// <param name="layer">Not built yet, and not in another model.</param>
    /// <param name="merge">How to join the directions. Default side by side.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentException">A layer that is built, or that already goes backwards; an unknown merge.</exception>
    public Bidirectional(RecurrentLayer layer, MergeMode merge = MergeMode.Concat, string? name = null)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (layer.IsBuilt) throw new ArgumentException($"Bidirectional: {layer.Title} is built already; give a new layer.", nameof(layer));
        if (layer.GoBackwards) throw new ArgumentException($"Bidirectional: {layer.Title} goes backwards already; give a layer that reads forward.", nameof(layer));
        if (!Enum.IsDefined(merge)) throw new ArgumentOutOfRangeException(nameof(merge), $"Bidirectional: merge {(int)merge} is not one of {string.Join(", ", Enum.GetNames<MergeMode>())}.");
        Merge = merge;
        _forward = layer;
        _backward = layer.Reversed();
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
        Shape one = _forward.OutputShapeOf(input);
        return Merge == MergeMode.Concat ? one.With(-1, 2 * _forward.Units) : one;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass) => ForwardWithState(input, null, null, pass).Output;

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
        var layer = new JsonObject { ["kind"] = _forward.Kind };
        _forward.WriteConfiguration(layer);
        configuration["merge"] = Merge.ToString();
        configuration["layer"] = layer;
    }

    internal static Bidirectional FromConfiguration(JsonObject configuration)
    {
        if (configuration["layer"] is not JsonObject inner) throw new InvalidDataException($"Layer kind '{KindName}': the setting 'layer' is missing; expected a recurrent layer.");
        string kind = new LayerSettings(KindName, inner).Text("kind");
        RecurrentLayer layer = LayerCatalogue.Make(kind, inner) as RecurrentLayer
            ?? throw new InvalidDataException($"Layer kind '{KindName}': its layer is of kind '{kind}'; expected a recurrent layer.");
        string merge = new LayerSettings(KindName, configuration).Text("merge");
        return Enum.TryParse(merge, out MergeMode mode) && Enum.IsDefined(mode)
            ? new Bidirectional(layer, mode)
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

    private Tensor Join(Tape tape, Tensor forward, Tensor backward) => Merge switch
    {
        MergeMode.Concat => ConcatenateOp.Of(tape, forward, backward),
        MergeMode.Sum => AddOp.Of(tape, forward, backward),
        MergeMode.Multiply => MultiplyOp.Of(tape, forward, backward),
        _ => ScaleOp.Of(tape, AddOp.Of(tape, forward, backward), 0.5f),
    };
}

using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Runs a cell over time: [B, T, I] to the output of its last step [B, U], or of every step [B, T, U]. Sequences may have different
/// lengths: step t computes the rows of the sequences that have one, and the state of a sequence that has ended stays as it is.
/// </summary>
public sealed class Rnn : Layer
{
    internal const string KindName = "rnn";

    /// <summary>A layer around a cell.</summary>
    /// <param name="cell">Not in another layer.</param>
    /// <param name="returnSequences">Whether the output has every step.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentException">A cell of fewer than one unit.</exception>
    public Rnn(RnnCell cell, bool returnSequences = false, string? name = null)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(cell);
        if (cell.Units < 1) throw new ArgumentException($"Rnn: its {cell.GetType().Name} has {cell.Units} units; expected at least 1.", nameof(cell));
        Cell = cell;
        ReturnSequences = returnSequences;
    }

    /// <summary>The cell, whose parameters are the layer's.</summary>
    public RnnCell Cell { get; }

    /// <summary>
    /// Whether the output has every step, [B, T, U], or the last real one alone, [B, U], zeros for a sequence without steps. Default
    /// false.
    /// </summary>
    public bool ReturnSequences { get; init; }

    /// <summary>
    /// Whether each sequence is read from its last real step to its first. Default false. The output at step t stays at t, and the
    /// last step computed is then t = 0.
    /// </summary>
    public bool GoBackwards { get; init; }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        SequenceInput.Check(this, input);
        return ReturnSequences ? input.With(2, Cell.Units) : new Shape(input[0], Cell.Units);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        var state = default(StateParts);
        return RnnLoop.Run(this, PackOp.ByTime(pass.Tape, input), state, 0, pass, out _);
    }

    /// <summary>Runs from a given state and gives the state after each sequence's last real step.</summary>
    /// <typeparam name="TState">The cell's state.</typeparam>
    /// <param name="input">[B, T, I].</param>
    /// <param name="initial">The state before the first step read, or null for the cell's own.</param>
    /// <param name="pass">Tape and training flag.</param>
    /// <exception cref="ArgumentException">Shapes that do not fit, or a state of another cell.</exception>
    public (Tensor Output, TState Final) ForwardWithState<TState>(Tensor input, TState? initial, Pass pass) where TState : struct, ICellState<TState>
    {
        EnsureBuilt(input, pass);
        if (Cell is not RnnCell<TState>)
            throw new ArgumentException($"{Title}: its {Cell.GetType().Name} has another state than {typeof(TState).Name}.", nameof(initial));
        var parts = default(StateParts);
        Span<Tensor> room = parts;
        int given = 0;
        if (initial is { } state)
        {
            given = Math.Min(state.Count, RnnCell.MostParts);
            RnnCell<TState>.Take(state, room[..given]);
        }
        Tensor output = RnnLoop.Run(this, PackOp.ByTime(pass.Tape, input), room, given, pass, out int count);
        return (output, TState.Of(room[..count]));
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var cell = new JsonObject();
        Cell.WriteConfiguration(cell);
        configuration["return_sequences"] = ReturnSequences;
        configuration["go_backwards"] = GoBackwards;
        configuration["cell"] = new JsonObject { ["kind"] = Cell.Kind, ["configuration"] = cell };
    }

    internal static Rnn FromConfiguration(JsonObject configuration)
    {
        var settings = new LayerSettings(KindName, configuration);
        if (configuration["cell"] is not JsonObject cell || cell["configuration"] is not JsonObject inner)
            throw new InvalidDataException($"Layer kind '{KindName}': the setting 'cell' does not describe a cell.");
        return new Rnn(RnnCellCatalogue.Make(new LayerSettings("cell", cell).Text("kind"), inner), settings.Flag("return_sequences"))
        {
            GoBackwards = settings.Flag("go_backwards"),
        };
    }

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        Cell.Build(this, input[2], seed);
        foreach (Parameter parameter in Cell.Parameters) AddParameter(parameter);
    }
}

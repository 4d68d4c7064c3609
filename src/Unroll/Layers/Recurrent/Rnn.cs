using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Runs a cell over time: step t computes the rows of the sequences that have one, and the state of a sequence that has ended stays
/// as it is. Without <see cref="SequenceLayer.ReturnSequences"/> a sequence without steps gives zeros.
/// </summary>
public sealed class Rnn : SequenceLayer
{
    internal const string KindName = "rnn";

    /// <summary>A layer around a cell.</summary>
    /// <param name="cell">Not in another layer.</param>
    /// <param name="returnSequences">Whether the output has every step.</param>
    /// <param name="name">Unique in its model, or null.</param>
    /// <exception cref="ArgumentException">A cell of fewer than one unit.</exception>
    public Rnn(RnnCell cell, bool returnSequences = false, string? name = null)
        : base(UnitsOf(cell), returnSequences, name) => Cell = cell;

    /// <summary>The cell, whose parameters are the layer's.</summary>
    public RnnCell Cell { get; }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>Runs from a given state and gives the state after each sequence's last real step.</summary>
    /// <typeparam name="TState">The cell's state.</typeparam>
    /// <param name="input">[B, T, I].</param>
    /// <param name="initial">The state before the first step read, or null for the cell's own.</param>
    /// <param name="pass">Tape and training flag.</param>
    /// <exception cref="ArgumentException">Shapes that do not fit, or a state of another cell.</exception>
    public (Tensor Output, TState Final) ForwardWithState<TState>(Tensor input, TState? initial, Pass pass) where TState : struct, ICellState<TState>
    {
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
        Tensor output = RunFrom(input, room, given, pass, out int count);
        return (output, TState.Of(room[..count]));
    }

    private protected override Tensor RunFrom(Tensor input, Span<Tensor> state, int given, Pass pass, out int count)
    {
        EnsureBuilt(input, pass);
        return RnnLoop.Run(this, PackOp.ByTime(pass.Tape, input), state, given, pass, out count);
    }

    /// <summary>Those of the cell's own beginning, which it is asked for; a cell may not have its parameters yet.</summary>
    private protected override Shape[] StateShapes(int batch)
    {
        var tape = new Tape(recording: false);
        var parts = default(StateParts);
        Span<Tensor> room = parts;
        var shapes = new Shape[Cell.Begin(1, new Pass(tape), room)];
        for (int p = 0; p < shapes.Length; p++) shapes[p] = new Shape(batch, room[p].Features);
        return shapes;
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

    private static int UnitsOf(RnnCell cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        return cell.Units >= 1 ? cell.Units : throw new ArgumentException($"Rnn: its {cell.GetType().Name} has {cell.Units} units; expected at least 1.", nameof(cell));
    }

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        Cell.Build(this, input[2], seed);
        foreach (Parameter parameter in Cell.Parameters) AddParameter(parameter);
    }
}

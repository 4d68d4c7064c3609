using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>What <see cref="Rnn"/> needs of a cell whatever its state; a cell of one's own derives from <see cref="RnnCell{TState}"/>.</summary>
public abstract class RnnCell
{
    /// <summary>The most tensors that a state can have.</summary>
    internal const int MostParts = 8;

    private readonly List<Parameter> _parameters = [];
    private Layer? _layer;
    private ulong _seed;

    private protected RnnCell()
    {
    }

    /// <summary>The word that names the kind in a saved model, for example <c>"my_cell"</c>; see <see cref="Register"/>.</summary>
    public abstract string Kind { get; }

    /// <summary>The width of the output at each step. At least 1.</summary>
    public abstract int Units { get; }

    /// <summary>The trained arrays in the order in which they were made; empty before a layer builds the cell.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>
    /// Tells how a saved cell is made again: needed before a model with it is loaded. The parameters' numbers come from the file
    /// afterwards. A second call for a kind replaces the first.
    /// </summary>
    /// <param name="kind">The cell's <see cref="Kind"/>.</param>
    /// <param name="make">From what <see cref="WriteConfiguration"/> wrote to a cell that is not built.</param>
    /// <exception cref="ArgumentException">A kind of the library itself, or an empty one.</exception>
    public static void Register(string kind, Func<JsonObject, RnnCell> make) => RnnCellCatalogue.Add(kind, make);

    /// <summary>Writes the settings that the registered maker needs to make an equal cell; not the weights.</summary>
    public abstract void WriteConfiguration(JsonObject configuration);

    /// <summary>Makes the parameters, with <see cref="AddParameter"/>.</summary>
    /// <param name="inputs">I, the features of one step.</param>
    protected abstract void CreateParameters(int inputs);

    /// <summary>
    /// Makes a trained array: a matrix [rows, columns] to multiply with (<see cref="Ops.TensorMath.Linear"/>), or a vector.
    /// </summary>
    /// <param name="name">Unique in the cell, for example <c>"kernel"</c>.</param>
    /// <param name="shape">One axis or two.</param>
    /// <param name="initializer">First values, drawn from the model's seed by layer and parameter name; null for zeros.</param>
    /// <exception cref="ArgumentException">A shape of other axes, or a name that the cell has already.</exception>
    /// <exception cref="InvalidOperationException">Called outside <see cref="CreateParameters"/>.</exception>
    protected Parameter AddParameter(string name, Shape shape, Initializer? initializer = null)
    {
        Layer layer = _layer ?? throw new InvalidOperationException($"{GetType().Name}: parameters are made in CreateParameters, when the layer is built.");
        if (shape.Rank is not (1 or 2) || !shape.IsKnown || shape.Length == 0)
            throw new ArgumentException($"{GetType().Name}: expected parameter '{name}' to be a matrix [rows, columns] or a vector [length], received {shape}.", nameof(shape));
        if (_parameters.Exists(p => p.Name == name)) throw new ArgumentException($"{GetType().Name}: it has a parameter '{name}' already.", nameof(name));
        var parameter = new Parameter(name, shape, new PanelLayout(shape.Rank == 1 ? 1 : shape[0], 1, shape[-1]));
        if (initializer is not null) parameter.Filled(initializer, layer, _seed);
        _parameters.Add(parameter);
        return parameter;
    }

    /// <summary>Makes the parameters for a layer.</summary>
    internal void Build(Layer layer, int inputs, ulong seed)
    {
        if (_layer is not null) throw new InvalidOperationException($"{layer.Title}: its {GetType().Name} is in {_layer.Title} already; make another cell.");
        (_layer, _seed) = (layer, seed);
        CreateParameters(inputs);
    }

    /// <summary>Puts the tensors of the state before the first step into <paramref name="parts"/>; how many there are.</summary>
    internal abstract int Begin(int batch, Pass pass, Span<Tensor> parts);

    /// <summary>One step: gives the output, and puts the next state in the place of the old one.</summary>
    internal abstract Tensor Advance(Tensor input, Span<Tensor> parts, Pass pass);
}

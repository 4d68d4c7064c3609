using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A layer that reads a sequence step by step and keeps a state: [B, T, I] to [B, H], or to [B, T, H] with
/// <see cref="ReturnSequences"/>. Sequences may have different lengths; padding is never computed and changes no result.
/// </summary>
public abstract class SequenceLayer : Layer, IStatefulLayer
{
    private protected SequenceLayer(int units, bool returnSequences, string? name)
        : base(name)
    {
        if (units < 1) throw new ArgumentOutOfRangeException(nameof(units), $"{GetType().Name}: units is {units}; expected at least 1.");
        (Units, ReturnSequences) = (units, returnSequences);
    }

    /// <summary>H: the width of the output. At least 1.</summary>
    public int Units { get; }

    /// <summary>Whether the output has every step, [B, T, H], or the last real one alone, [B, H]. Default false.</summary>
    public bool ReturnSequences { get; init; }

    /// <summary>
    /// Whether each sequence is read from its last real step to its first. Default false. The output at step t stays at t
    /// (Keras reverses it), and the last step computed is then t = 0.
    /// </summary>
    public bool GoBackwards { get; init; }

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        SequenceInput.Check(this, input);
        return ReturnSequences ? input.With(2, Units) : new Shape(input[0], Units);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        var state = default(StateParts);
        return Run(input, state, 0, pass, out _);
    }

    Shape[] IStatefulLayer.StateShapes(int batch) => StateShapes(batch);

    Tensor IStatefulLayer.Run(Tensor input, Span<Tensor> state, int given, Pass pass, out int count) => Run(input, state, given, pass, out count);

    /// <inheritdoc cref="IStatefulLayer.StateShapes"/>
    private protected abstract Shape[] StateShapes(int batch);

    /// <summary>As <see cref="Run"/>, from the state that is given or else from one's own, whatever a pass carries.</summary>
    private protected abstract Tensor RunFrom(Tensor input, Span<Tensor> state, int given, Pass pass, out int count);

    /// <inheritdoc cref="IStatefulLayer.Run"/>
    internal Tensor Run(Tensor input, Span<Tensor> state, int given, Pass pass, out int count)
    {
        if (given > 0 || pass.States is not { } states) return RunFrom(input, state, given, pass, out count);
        if (GoBackwards) throw new InvalidOperationException($"{Title} reads from the last step, so no state can be carried into it from the steps before. Use a layer that reads forward, or whole sequences.");
        Tensor output = RunFrom(input, state, states.Read(this, pass.Tape, state), pass, out count);
        states.Keep(this, state[..count]);
        return output;
    }

    /// <summary>A layer of equal settings and no weights yet that reads the other way.</summary>
    internal virtual SequenceLayer Reversed()
    {
        var configuration = new JsonObject();
        WriteConfiguration(configuration);
        configuration["go_backwards"] = !GoBackwards;
        return (SequenceLayer)LayerCatalogue.Make(Kind, configuration);
    }
}

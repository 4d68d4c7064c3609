using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>A vector at every one of n steps: [B, F] becomes [B, n, F], so that a recurrent layer can unfold a sequence's summary.</summary>
public sealed class RepeatVector : Layer
{
    internal const string KindName = "repeat_vector";

    /// <summary>Repeats n times.</summary>
    /// <param name="steps">n, at least 1.</param>
    /// <param name="name">Unique in its model; null for "repeat_vector" …</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one step.</exception>
    public RepeatVector(int steps, string? name = null)
        : base(name)
    {
        if (steps < 1) throw new ArgumentOutOfRangeException(nameof(steps), $"RepeatVector: expected at least 1 step, received {steps}.");
        Steps = steps;
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>n, the steps of the output.</summary>
    public int Steps { get; }

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input) => input.Rank == 2
        ? new Shape(input[0], Steps, input[1])
        : throw new ArgumentException($"{Title}: expected input [batch, features], received {input}. A recurrent layer before it answers once a sequence without ReturnSequences.", nameof(input));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        return RepeatStepsOp.Of(pass.Tape, input, Steps);
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["steps"] = Steps;
    }

    internal static RepeatVector FromConfiguration(JsonObject configuration) => new(new LayerSettings(KindName, configuration).WholeNumber("steps"));
}

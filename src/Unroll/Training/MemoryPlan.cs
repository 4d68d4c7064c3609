using System.Globalization;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>
/// How many bytes of native memory a model's tensors need at the peak of a training step, or of a prediction, by purpose. The
/// figures come from one rehearsed step on sequences that all have every step, so they are what such a step rents; sequences
/// of unequal length need less.
/// </summary>
/// <remarks>
/// The data set, and the kernels' scratch of some hundred kilobytes a thread, come on top. A tape holds a few percent more
/// during its first pass.
/// </remarks>
/// <param name="Batch">B: sequences, or rows, of a batch.</param>
/// <param name="Steps">T: steps of each; 1 for a model of rows.</param>
/// <param name="Parameters">The weights, padding included, and the transposed copies that the backward pass reads.</param>
/// <param name="Gradients">The weights' gradients.</param>
/// <param name="OptimizerState">What the optimiser keeps for each weight.</param>
/// <param name="Activations">The batch, every layer's outputs and all else that is kept for the backward pass.</param>
/// <param name="ActivationGradients">The gradients of layers' outputs.</param>
/// <param name="Scratch">What the backward pass needs besides.</param>
public sealed record MemoryPlan(
    int Batch, int Steps, long Parameters, long Gradients, long OptimizerState, long Activations, long ActivationGradients, long Scratch)
{
    /// <summary>All of it together.</summary>
    public long Total => Parameters + Gradients + OptimizerState + Activations + ActivationGradients + Scratch;

    /// <summary>
    /// Plans training by rehearsing one step: forward, loss and backward in the memory that they need, without an update. Call it
    /// between steps: the gradients are zeros afterwards.
    /// </summary>
    /// <param name="model">A built model. Where it is compiled, its loss and metrics count; a mean squared error stands for a loss of sequences, of mixtures or of one's own.</param>
    /// <param name="batch">B, at least 1.</param>
    /// <param name="steps">T, at least 1; without effect where the model's input has a fixed time axis, or none. Default 1.</param>
    /// <param name="optimizer">Whose state to count; null for the compiled one, or <see cref="Adam"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count below 1.</exception>
    /// <exception cref="InvalidOperationException">The model is not built.</exception>
    public static MemoryPlan ForTraining(Sequential model, int batch, int steps = 1, Optimizer? optimizer = null)
    {
        Shape input = InputOf(model, batch, ref steps);
        // The shape of the outputs for a batch like this, which the targets follow.
        Shape outputs = input;
        foreach (Layer layer in model.Layers) outputs = layer.OutputShapeOf(outputs);
        CompileSettings compiled = model.Compiled is { } own && own.Loss.TargetShapeOf(outputs) is not null
            ? own
            : new CompileSettings(model.Compiled?.Optimizer, Loss.MeanSquaredError(), []);
        var score = new BatchScore(model, compiled, null);
        double[][] scores = score.SaveState();
        var tape = new Tape();
        var pass = new Pass(tape, Training: true);
        Tensor inputs = Examples(model, input, tape);
        Tensor targets = tape.New(compiled.Loss.TargetShapeOf(outputs)!.Value);
        targets.Storage.Clear();

        var data = new Batch(inputs, targets, null);
        Tensor loss = score.Forward(ref data, pass, out Tensor answers, out double weight);
        long activations = tape.UsedBytes, gradients = 0;
        if (model.Parameters.Any(parameter => parameter.Trainable)) tape.Backward(loss);
        score.Add(data, pass, answers, loss.Item, weight);
        score.LoadState(scores);
        foreach (Parameter parameter in model.Parameters)
        {
            parameter.ClearGradient();
            if (parameter.HasGradients) gradients += parameter.StorageLength * (long)sizeof(float);
        }
        return new MemoryPlan(batch, steps, ParametersOf(model), gradients, (optimizer ?? compiled.Optimizer ?? new Adam()).StateBytesOf(model.Parameters),
            activations, tape.GradientBytes, tape.UsedBytes - activations - tape.GradientBytes);
    }

    /// <summary>Plans a prediction by rehearsing one.</summary>
    /// <param name="model">A built model.</param>
    /// <param name="batch">B, at least 1.</param>
    /// <param name="steps">T, at least 1; without effect where the model's input has a fixed time axis, or none. Default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count below 1.</exception>
    /// <exception cref="InvalidOperationException">The model is not built.</exception>
    public static MemoryPlan ForInference(Sequential model, int batch, int steps = 1)
    {
        Shape input = InputOf(model, batch, ref steps);
        var tape = new Tape(recording: false);
        model.Forward(Examples(model, input, tape), new Pass(tape));
        return new MemoryPlan(batch, steps, ParametersOf(model), 0, 0, tape.UsedBytes, 0, 0);
    }

    /// <summary>For example <c>64 x 100 steps: 45.20 MB (parameters 1.25 MB, gradients 1.25 MB, …)</c>.</summary>
    public override string ToString()
    {
        (string Name, long Bytes)[] parts =
        [
            ("parameters", Parameters), ("gradients", Gradients), ("optimiser state", OptimizerState), ("activations", Activations),
            ("gradients of activations", ActivationGradients), ("scratch", Scratch),
        ];
        string list = string.Join(", ", parts.Where(part => part.Bytes > 0).Select(part => $"{part.Name} {SummaryTable.Bytes(part.Bytes)}"));
        return string.Create(CultureInfo.InvariantCulture, $"{Batch} x {Steps} {(Steps == 1 ? "step" : "steps")}: {SummaryTable.Bytes(Total)} ({list})");
    }

    private static Shape InputOf(Sequential model, int batch, ref int steps)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        if (!model.IsBuilt || model.InputShape is not { } input)
            throw new InvalidOperationException($"Model '{model.Name}' is not built, so its sizes are not known; call Build with an input shape first.");
        input = input.With(0, batch);
        bool hasTime = input.Rank >= 3 || model.Layers[0] is Embedding;
        for (int axis = 1; axis < input.Rank; axis++)
            if (input[axis] == Shape.Unknown) input = input.With(axis, steps);
        steps = hasTime ? input[1] : 1;
        return input;
    }

    /// <summary>Zeros, or numbers that are neither padding nor masked.</summary>
    private static Tensor Examples(Sequential model, Shape input, Tape tape)
    {
        Tensor examples = tape.New(input);
        examples.Storage.Fill(model.Layers[0] is Embedding { PaddingIndex: 0, Vocabulary: > 1 } or Masking { MaskValue: 0 } ? 1 : 0);
        return examples;
    }

    private static long ParametersOf(Sequential model)
    {
        long floats = 0;
        foreach (Parameter parameter in model.Parameters) floats += parameter.StorageLength + parameter.TransposedLength;
        return floats * sizeof(float);
    }
}

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
    public static MemoryPlan ForTraining(Network model, int batch, int steps = 1, Optimizer? optimizer = null)
    {
        RequireSizes(model, batch, steps);
        Shape[] outputs = OutputsOf(model, batch, steps);
        CompileSettings compiled = model.Compiled is { } own && own.Outputs.Select((output, i) => output.Loss.TargetShapeOf(outputs[i])).All(shape => shape is not null)
            ? own
            : new CompileSettings(model.Compiled?.Optimizer, [.. outputs.Select(_ => new OutputSettings(Loss.MeanSquaredError()))]);
        var score = new BatchScore(model, compiled, null);
        double[][] scores = score.SaveState();
        var tape = new Tape();
        var pass = new Pass(tape, Training: true);
        var data = new BatchTensors(model.InputCount, model.OutputCount);
        Examples(model, batch, ref steps, tape, data.Inputs);
        for (int i = 0; i < outputs.Length; i++)
        {
            data.Targets[i] = tape.New(compiled.Outputs[i].Loss.TargetShapeOf(outputs[i])!.Value);
            data.Targets[i].Storage.Clear();
        }
        Tensor loss = score.Forward(data, pass);
        long activations = tape.UsedBytes, gradients = 0;
        if (model.Parameters.Any(parameter => parameter.Trainable)) tape.Backward(loss);
        score.Add(data, pass);
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
    public static MemoryPlan ForInference(Network model, int batch, int steps = 1)
    {
        RequireSizes(model, batch, steps);
        var tape = new Tape(recording: false);
        Predicted(model, batch, ref steps, tape);
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

    private static void RequireSizes(Network model, int batch, int steps)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        if (!model.IsBuilt) throw new InvalidOperationException($"Model '{model.Name}' is not built, so its sizes are not known; call Build with an input shape first.");
    }

    /// <summary>The shapes of the outputs for a batch like this, which the targets follow.</summary>
    private static Shape[] OutputsOf(Network model, int batch, int steps) =>
        [.. Predicted(model, batch, ref steps, new Tape(recording: false)).Select(output => output.Shape)];

    private static Tensor[] Predicted(Network model, int batch, ref int steps, Tape tape)
    {
        var inputs = new Tensor[model.InputCount];
        var outputs = new Tensor[model.OutputCount];
        Examples(model, batch, ref steps, tape, inputs);
        model.Run(inputs, outputs, new bool[outputs.Length], new Pass(tape));
        return outputs;
    }

    /// <summary>Zeros, or numbers that are neither padding nor masked; and the steps that they have.</summary>
    private static void Examples(Network model, int batch, ref int steps, Tape tape, Span<Tensor> examples)
    {
        int most = 1;
        for (int i = 0; i < examples.Length; i++)
        {
            Shape shape = model.InputShapeAt(i).With(0, batch);
            Layer[] readers = [.. model.ReadersOf(i)];
            bool hasTime = shape.Rank >= 3 || readers.Any(layer => layer is Embedding);
            for (int axis = 1; axis < shape.Rank; axis++)
                if (shape[axis] == Shape.Unknown) shape = shape.With(axis, steps);
            if (hasTime) most = Math.Max(most, shape[1]);
            examples[i] = tape.New(shape);
            examples[i].Storage.Fill(readers.Any(layer => layer is Embedding { PaddingIndex: 0, Vocabulary: > 1 } or Masking { MaskValue: 0 }) ? 1 : 0);
        }
        steps = most;
    }

    private static long ParametersOf(Network model)
    {
        long floats = 0;
        foreach (Parameter parameter in model.Parameters) floats += parameter.StorageLength + parameter.TransposedLength;
        return floats * sizeof(float);
    }
}

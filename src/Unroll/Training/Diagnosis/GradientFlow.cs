using System.Globalization;
using System.Text;
using Unroll.Autograd;
using Unroll.Data;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>
/// How the loss's gradient runs back through time in each recurrent layer: by step, and by lag from the step whose loss it is (the
/// quantity that Bengio, Simard and Frasconi 1994 and Pascanu, Mikolov and Bengio 2013 show to vanish or explode). With
/// warnings that say what to change.
/// </summary>
public sealed class GradientFlow
{
    private GradientFlow(IReadOnlyList<LayerGradientFlow> layers, IReadOnlyList<GradientFinding> findings) => (Layers, Findings) = (layers, findings);

    /// <summary>Every recurrent layer and direction, in the order in which they run.</summary>
    public IReadOnlyList<LayerGradientFlow> Layers { get; }

    /// <summary>What is wrong, layer by layer; empty where nothing was found.</summary>
    public IReadOnlyList<GradientFinding> Findings { get; }

    /// <summary>
    /// Measures on one batch. The layers run step by step, so this is slow; a few dozen sequences are enough. Draws nothing: dropout is
    /// off. Weights stay as they are; the parameters' gradients are zero afterwards.
    /// </summary>
    /// <param name="model">Compiled, with at least one recurrent layer.</param>
    /// <param name="inputs">A batch as <c>Fit</c> takes it.</param>
    /// <param name="targets">Its targets.</param>
    /// <param name="lossSteps">At how many steps, spread evenly, the loss is followed back where the model gives an answer at every step. At least 1. Default 8.</param>
    /// <param name="cancellation">Looked at between passes.</param>
    /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
    /// <exception cref="ArgumentException">No recurrent layer, or data that do not fit.</exception>
    public static GradientFlow Measure(Sequential model, Tensor inputs, Tensor targets, int lossSteps = 8, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(lossSteps, 1);
        CompileSettings settings = model.RequireCompiled();
        var batch = new Batch(inputs, targets, null);
        var score = new BatchScore(model, settings, null);
        try
        {
            return Measure(model, batch, score, lossSteps, cancellation);
        }
        finally
        {
            foreach (Parameter parameter in model.Parameters) parameter.ClearGradient();
        }
    }

    private static GradientFlow Measure(Sequential model, Batch batch, BatchScore score, int lossSteps, CancellationToken cancellation)
    {
        (Tape tape, StateRecord record, Tensor outputs, Tensor loss) = Run(score, batch);
        if (record.Layers.Count == 0)
            throw new ArgumentException($"Model '{model.Name}' has no recurrent layer through whose steps a gradient could run.", nameof(model));
        tape.Backward(loss);
        bool everyStep = outputs.Shape.Rank == 3;
        float[] outputGradient = everyStep ? tape.GradientOf(outputs) : [];
        Dictionary<string, (LagSums Hidden, LagSums Cell)> lags = record.Layers.ToDictionary(layer => layer, layer => (new LagSums(record.Of(layer).Count), new LagSums(record.Of(layer).Count)));
        if (!everyStep) AddLags(tape, record, lags, lossStep: null);
        var layers = new List<(string Name, double[] Hidden, double[]? Cell)>();
        var findings = new List<GradientFinding>();
        foreach (string layer in record.Layers)
        {
            layers.Add((layer, ByStep(tape, record.Of(layer), seen => seen.Hidden)!, ByStep(tape, record.Of(layer), seen => seen.Carry)));
            findings.AddRange(UnitFindings.Of(layer, record.Of(layer)));
            findings.AddRange(GateFindings.Of(layer, record.Of(layer)));
        }
        if (everyStep)
        {
            int steps = outputs.Shape[1], count = Math.Min(lossSteps, steps);
            for (int i = 0; i < count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                int step = (int)((i + 1L) * steps / count) - 1;
                (Tape again, StateRecord states, Tensor answers, _) = Run(score, batch);
                again.Backward(answers, OnlyStep(outputGradient, outputs.Shape, step));
                AddLags(again, states, lags, step);
            }
        }
        LayerGradientFlow[] flows = [.. layers.Select(layer => new LayerGradientFlow(
            layer.Name, layer.Hidden, layer.Cell, lags[layer.Name].Hidden.Roots(), layer.Cell is null ? null : lags[layer.Name].Cell.Roots()))];
        return new GradientFlow(flows, [.. flows.SelectMany(FlowFindings.Of), .. findings]);
    }

    private static (Tape Tape, StateRecord Record, Tensor Outputs, Tensor Loss) Run(BatchScore score, Batch batch)
    {
        var tape = new Tape();
        var record = new StateRecord();
        var tensors = new BatchTensors(1, 1);
        (tensors.Inputs[0], tensors.Targets[0]) = (batch.Inputs, batch.Targets);
        Tensor loss = score.Forward(tensors, new Pass(tape) { Observer = record });
        return (tape, record, score.Outputs[0], loss);
    }

    private static double[]? ByStep(Tape tape, IReadOnlyList<StateRecord.Seen> states, Func<StateRecord.Seen, Tensor?> state)
    {
        var norms = new double[states.Count];
        foreach (StateRecord.Seen seen in states)
        {
            if (state(seen) is not { } tensor) return null;
            norms[seen.Step] = Math.Sqrt(StateRecord.SquaresByRow(tape, seen, tensor).Where(square => !double.IsNaN(square)).Sum());
        }
        return norms;
    }

    /// <summary>Adds the gradients of one loss by lag: of the loss at a step, or of each sequence's last step.</summary>
    private static void AddLags(Tape tape, StateRecord record, Dictionary<string, (LagSums Hidden, LagSums Cell)> lags, int? lossStep)
    {
        foreach (string layer in record.Layers)
        {
            IReadOnlyList<StateRecord.Seen> states = record.Of(layer);
            bool reverse = states[^1].Step == 0 && states.Count > 1;
            foreach (StateRecord.Seen seen in states)
            {
                double[] hidden = StateRecord.SquaresByRow(tape, seen, seen.Hidden);
                double[]? cell = seen.Carry is { } carry ? StateRecord.SquaresByRow(tape, seen, carry) : null;
                for (int b = 0; b < hidden.Length; b++)
                {
                    int last = lossStep ?? (reverse ? 0 : seen.Lengths[b] - 1);
                    if (double.IsNaN(hidden[b]) || last >= seen.Lengths[b]) continue;
                    // Past the step whose loss it is, a state counts only where a layer above reads it the other way.
                    bool isPast = reverse ? seen.Step < last : seen.Step > last;
                    if (isPast && hidden[b] == 0) continue;
                    int lag = Math.Abs(last - seen.Step);
                    lags[layer].Hidden.Add(lag, hidden[b]);
                    if (cell is not null) lags[layer].Cell.Add(lag, cell[b]);
                }
            }
        }
    }

    private static float[] OnlyStep(float[] gradient, Basics.Shape shape, int step)
    {
        float[] one = new float[gradient.Length];
        int features = shape[2];
        for (int b = 0; b < shape[0]; b++)
        {
            int from = (b * shape[1] + step) * features;
            gradient.AsSpan(from, features).CopyTo(one.AsSpan(from));
        }
        return one;
    }

    /// <summary>A table of the layers, then the warnings.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (LayerGradientFlow layer in Layers)
        {
            IReadOnlyList<double> steps = layer.HiddenByStep;
            text.Append(CultureInfo.InvariantCulture, $"{layer.Layer}: ‖∂L/∂h‖ {steps[0]:0.0e+0} at the first step, {steps[^1]:0.0e+0} at the last of {steps.Count}");
            if (layer.Reach >= 0) text.Append(CultureInfo.InvariantCulture, $"; a hundredth of the gradient reaches back {layer.Reach} of {layer.HiddenByLag.Count - 1} steps");
            text.Append('\n');
        }
        foreach (GradientFinding finding in Findings) text.Append(CultureInfo.InvariantCulture, $"warning: {finding.Message}\n");
        return text.ToString();
    }
}

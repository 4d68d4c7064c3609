using System.Globalization;
using Unroll.Autograd;
using Unroll.Data;
using Unroll.Kernels.Reductions;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>Finds where the first NaN or infinity of a step arose.</summary>
internal static unsafe class NonFiniteSearch
{
    /// <summary>Repeats the step's forward pass layer by layer, with the same draws, and looks at every output.</summary>
    public static TrainingDivergedException InForward(Network model, BatchTensors batch, Pass pass, float loss, (int Epoch, int Batch) place)
    {
        foreach (Tensor inputs in batch.Inputs)
            if (Found(inputs.Storage) is { } input) return Diverged("inputs", $"the inputs hold {input} already; clean the data", place);
        foreach (Tensor targets in batch.Targets)
            if (Found(targets.Storage) is { } target) return Diverged("targets", $"the targets hold {target} already; clean the data", place);
        foreach (Parameter parameter in model.Parameters)
            if (Found(parameter.ValueSpan) is { } weight)
                return Diverged(parameter.Name, $"the weights '{parameter.Name}' hold {weight}, which an earlier step or the model's file put there", place);
        var tape = new Tape(recording: false);
        pass = pass with { Tape = tape };
        Layer? source = null;
        (float Value, StoredPlace Place)? found = null;
        Run(pass, (layer, output) =>
        {
            if (source is null && (found = FirstInTime(output)) is not null) source = layer;
        });
        if (source is not null)
        {
            // A recurrent layer's states may tell more: the step where its last state went wrong.
            var states = new FirstNonFiniteState();
            string? where = null;
            Run(pass with { Observer = states }, (layer, _) => where ??= layer == source ? states.Found : null);
            where ??= $"{Text(found!.Value.Value)} arose in the output of {source.Title} at {found.Value.Place} of the batch";
            return Diverged(source.Name, $"{where}, from finite inputs and weights; lower the learning rate, clip gradients or scale the data", place);
        }
        return Diverged("loss", $"the loss is {Text(loss)} although the model's output is finite; look at the targets' range", place);

        void Run(Pass with, Action<Layer, Tensor> observe)
        {
            var beforeActivation = new bool[model.OutputCount];
            beforeActivation.AsSpan().Fill(true);
            model.Run(batch.Inputs, new Tensor[model.OutputCount], beforeActivation, with, observe);
        }
    }

    /// <summary>The first trainable parameter with a gradient that is not finite, or null.</summary>
    public static Parameter? FirstGradient(Network model)
    {
        for (int i = 0; i < model.Parameters.Count; i++)
        {
            Parameter parameter = model.Parameters[i];
            // The squares' sum is finite for finite numbers, and tells of all at once.
            if (parameter.Trainable && parameter.HasGradients && !double.IsFinite(SumOfSquares.Of(parameter.Gradients, parameter.StorageLength))) return parameter;
        }
        return null;
    }

    public static TrainingDivergedException InGradient(Parameter parameter, float loss, (int Epoch, int Batch) place) =>
        Diverged(parameter.Name, $"the loss is {Text(loss)}, but the gradient of '{parameter.Name}' holds {Found(parameter.GradientSpan)}; gradients exploded, so clip them or lower the learning rate", place);

    private static TrainingDivergedException Diverged(string where, string what, (int Epoch, int Batch) place) =>
        new($"Training stopped in epoch {place.Epoch}, step {place.Batch}: {what}.", where, place.Epoch, place.Batch);

    /// <summary>The number that is not finite of the earliest time step, and its place; null where all are finite.</summary>
    private static (float Value, StoredPlace Place)? FirstInTime(Tensor tensor)
    {
        (float, StoredPlace Place)? first = null;
        ReadOnlySpan<float> values = tensor.Storage;
        for (int i = 0; i < values.Length; i++)
        {
            if (float.IsFinite(values[i])) continue;
            var place = StoredPlace.Of(tensor, i);
            if (first is not { } earlier || place.Step < earlier.Place.Step) first = (values[i], place);
            if (tensor.Layout is not null) break; // packed by time: none is earlier
        }
        return first;
    }

    /// <summary>The first number that is not finite, as text, or null.</summary>
    private static string? Found(ReadOnlySpan<float> values)
    {
        foreach (float value in values) if (!float.IsFinite(value)) return Text(value);
        return null;
    }

    internal static string Text(float value) => float.IsNaN(value) ? "NaN" : float.IsInfinity(value) ? "infinity" : value.ToString(CultureInfo.InvariantCulture);
}

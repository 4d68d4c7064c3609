using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Tensors;
using Unroll.Tests.Reference;

namespace Unroll.Tests.Contracts;

/// <summary>The float forward pass is not the double one's.</summary>
internal sealed class ForwardMismatch(string message) : Exception(message);

/// <summary>The float gradient is not the one that differences of the double forward pass give.</summary>
internal sealed class GradientMismatch(string message) : Exception(message);

/// <summary>
/// Runs a catalogue entry in float, forward and backward from a gradient whose elements all differ, and holds both
/// against its double-precision reference: the result itself, and central differences of it for every element of every
/// input and parameter. Gradients start from a number other than zero, so that one which overwrites is noticed.
/// </summary>
internal static unsafe class GradientCheck
{
    private const double Step = 1e-5;
    private const float Before = 0.5f;

    /// <summary>What one run gave.</summary>
    internal sealed record Result(Shape Shape, float[] Output, float[][] InputGradients, float[][] ParameterGradients);

    public static void Assert(OperationEntry entry)
    {
        ReferenceTensor[] inputs = [.. entry.Inputs.Select((_, i) => ReferenceInput(entry, i))];
        double[][] parameters = [.. entry.Parameters.Select((_, i) => Array.ConvertAll(ParameterValues(entry, i), v => (double)v))];
        ReferenceTensor expected = entry.Reference(inputs, parameters);
        Result found = Run(entry);
        CompareForward(entry, expected, found);

        double[] weights = Array.ConvertAll(Weights(found.Output.Length), v => (double)v);
        double Loss()
        {
            ReferenceTensor y = entry.Reference(inputs, parameters);
            double sum = 0;
            for (int i = 0; i < weights.Length; i++) sum += weights[i] * y.Values[i];
            return sum;
        }
        for (int i = 0; i < inputs.Length; i++)
            if (entry.Inputs[i].Differentiable)
                CompareGradient(entry, $"input {i}", Differences(inputs[i].Values, Loss), found.InputGradients[i], inputs[i].IsReal);
        for (int i = 0; i < parameters.Length; i++)
        {
            double[] differences = Differences(parameters[i], Loss);
            if (entry.Parameters[i].Frozen is { } row)
            {
                int width = entry.Parameters[i].Shape[^1];
                Array.Clear(differences, row * width, width);
            }
            CompareGradient(entry, $"parameter {i}", differences, found.ParameterGradients[i], _ => true);
        }
    }

    /// <summary>One forward and backward pass in float on a new tape.</summary>
    public static Result Run(OperationEntry entry)
    {
        var tape = new Tape();
        Tensor[] inputs = MakeInputs(entry);
        Parameter[] parameters = MakeParameters(entry);
        for (int i = 0; i < inputs.Length; i++)
        {
            if (!entry.Inputs[i].Differentiable) continue;
            tape.Watch(inputs[i]);
            new Span<float>(tape.Gradient(inputs[i]), inputs[i].StoredLength).Fill(Before);
        }
        foreach (Parameter parameter in parameters) parameter.GradientSpan.Fill(Before);
        return Pass(entry, tape, inputs, parameters);
    }

    /// <summary>One forward and backward pass, which adds to the gradients that there are.</summary>
    public static Result Pass(OperationEntry entry, Tape tape, Tensor[] inputs, Parameter[] parameters)
    {
        for (int i = 0; i < inputs.Length; i++) if (entry.Inputs[i].Differentiable) tape.Watch(inputs[i]);
        Tensor y = entry.Build(tape, inputs, parameters);
        float[] output = y.ToArray();
        tape.Backward(y, Weights(output.Length));
        return new Result(y.Shape, output, [.. inputs.Select(tape.GradientOf)], [.. parameters.Select(p => p.GradientToArray())]);
    }

    public static float[] Weights(int count) => OperationEntry.Distinct(count, 1000);

    public static Tensor[] MakeInputs(OperationEntry entry) => [.. entry.Inputs.Select((input, i) =>
    {
        Tensor dense = Tensor.FromArray(InputValues(entry, i), input.Shape);
        return input.Lengths is null ? dense : dense.WithLengths(input.Lengths);
    })];

    public static Parameter[] MakeParameters(OperationEntry entry) => [.. entry.Parameters.Select((p, i) =>
    {
        var parameter = new Parameter($"parameter{i}", new Shape(p.Shape), p.Panels);
        parameter.Set(ParameterValues(entry, i));
        return parameter;
    })];

    private static float[] InputValues(OperationEntry entry, int i) =>
        entry.Inputs[i].Values ?? OperationEntry.Distinct(Count(entry.Inputs[i].Shape), 31 * i);

    private static float[] ParameterValues(OperationEntry entry, int i) =>
        entry.Parameters[i].Values ?? OperationEntry.Distinct(Count(entry.Parameters[i].Shape), 500 + 31 * i);

    private static ReferenceTensor ReferenceInput(OperationEntry entry, int i) =>
        new(entry.Inputs[i].Shape, Array.ConvertAll(InputValues(entry, i), v => (double)v), entry.Inputs[i].Lengths);

    private static int Count(int[] shape) => shape.Aggregate(1, (a, b) => a * b);

    private static double[] Differences(double[] values, Func<double> loss)
    {
        var gradient = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            double value = values[i];
            values[i] = value + Step;
            double above = loss();
            values[i] = value - Step;
            gradient[i] = (above - loss()) / (2 * Step);
            values[i] = value;
        }
        return gradient;
    }

    private static void CompareForward(OperationEntry entry, ReferenceTensor expected, Result found)
    {
        if (new Shape(expected.Shape) != found.Shape)
            throw new ForwardMismatch($"{entry.Name}: expected shape {new Shape(expected.Shape)}, found {found.Shape}.");
        double largest = expected.Values.Append(0).Max(Math.Abs);
        for (int i = 0; i < found.Output.Length; i++)
            if (!(Math.Abs(expected.Values[i] - found.Output[i]) <= entry.ForwardTolerance * largest))
                throw new ForwardMismatch($"{entry.Name}: output {i}: expected {expected.Values[i]:R}, found {found.Output[i]:R}.");
    }

    private static void CompareGradient(OperationEntry entry, string of, double[] expected, float[] found, Func<int, bool> isReal)
    {
        double largest = expected.Append(0).Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            double added = found[i] - (isReal(i) ? Before : 0);
            if (!(Math.Abs(expected[i] - added) <= entry.GradientTolerance * Math.Max(largest, Before)))
                throw new GradientMismatch($"{entry.Name}: gradient {i} of {of}: differences give {expected[i]:R}, found {added:R}.");
        }
    }
}

using Unroll.Models;
using Unroll.Tensors;

namespace Unroll.Inference;

/// <summary>How far a stream's answers with weights in fewer bits are from those in float32, over all steps of given sequences.</summary>
/// <param name="Largest">The largest magnitude of a difference; NaN where an answer is.</param>
/// <param name="RootMeanSquare">√ of the mean squared difference over all numbers of all answers.</param>
/// <param name="RootMeanSquareOfAnswers">√ of the mean square of the float32 answers, to compare with.</param>
/// <param name="Steps">Over how many steps.</param>
public readonly record struct StreamError(double Largest, double RootMeanSquare, double RootMeanSquareOfAnswers, long Steps)
{
    /// <summary>Streams sequences twice, with float32 weights and with others, and compares every step's answer.</summary>
    /// <param name="model">A built model that can be streamed.</param>
    /// <param name="inputs">[N, T, F], or [N, T] of token ids, possibly with lengths; padding is not streamed.</param>
    /// <param name="weights">How the second stream stores its weights.</param>
    /// <exception cref="ArgumentException">Inputs that the model cannot take, or without a step.</exception>
    /// <exception cref="NotSupportedException">A layer that cannot be streamed.</exception>
    public static StreamError Measure(Sequential model, Tensor inputs, StreamWeights weights)
    {
        using ModelStream exact = model.OpenStream(), other = model.OpenStream(new StreamOptions { Weights = weights });
        int width = exact.InputWidth, rank = inputs.Shape.Rank;
        if (rank != (exact.TakesIds ? 2 : 3) || (!exact.TakesIds && inputs.Shape[2] != width))
            throw new ArgumentException($"StreamError: expected inputs {(exact.TakesIds ? "[sequences, steps] of token ids" : $"[sequences, steps, {width}]")}, received {inputs.Shape}.", nameof(inputs));
        float[] values = inputs.ToArray();
        int steps = inputs.Shape[1];
        double largest = 0, difference = 0, square = 0;
        long count = 0;
        for (int n = 0; n < inputs.Shape[0]; n++)
        {
            exact.Reset();
            other.Reset();
            int length = inputs.Lengths.IsEmpty ? steps : inputs.Lengths[n];
            for (int t = 0; t < length; t++, count++)
            {
                ReadOnlySpan<float> x = values.AsSpan((n * steps + t) * width, width), expected = exact.Step(x), found = other.Step(x);
                for (int i = 0; i < expected.Length; i++)
                {
                    double error = Math.Abs((double)found[i] - expected[i]);
                    largest = Math.Max(largest, error);
                    difference += error * error;
                    square += (double)expected[i] * expected[i];
                }
            }
        }
        if (count == 0) throw new ArgumentException($"StreamError: expected at least one step, received {inputs.Shape}.", nameof(inputs));
        double numbers = (double)count * exact.OutputWidth;
        return new StreamError(largest, Math.Sqrt(difference / numbers), Math.Sqrt(square / numbers), count);
    }
}

using Unroll.Autograd;
using Unroll.Losses;
using Unroll.Tensors;

namespace Unroll.Tests.Losses;

/// <summary>A loss's value and its gradient with respect to the outputs, row-major.</summary>
internal readonly record struct LossRun(float Value, float[] Gradient)
{
    public static LossRun Of(Loss loss, float[] outputs, int[] shape, Tensor targets, Tensor? weights = null, int[]? lengths = null)
    {
        var tape = new Tape();
        Tensor x = OnTape(tape, outputs, shape, lengths);
        Tensor value = loss.Of(x, targets, weights);
        if (!value.Buffer.NeedsGradient) return new LossRun(value.Item, new float[outputs.Length]);
        tape.Backward(value);
        return new LossRun(value.Item, tape.GradientOf(x));
    }

    /// <summary>A watched tensor on a tape, as a layer would have made it.</summary>
    public static Tensor OnTape(Tape tape, float[] values, int[] shape, int[]? lengths = null)
    {
        Tensor source = Tensor.FromArray(values, shape);
        if (lengths is not null) source = source.WithLengths(lengths);
        Tensor made = tape.New(source.Shape, source.Layout, needsGradient: true);
        source.Storage.CopyTo(made.Storage);
        return made;
    }

    /// <summary>Numbers that are all different, with both signs and no zero.</summary>
    public static float[] Distinct(int count, float scale = 1f, float phase = 0f) =>
        [.. Enumerable.Range(1, count).Select(i => scale * (float)(Math.Sin(1.7 * i + phase) + 0.013))];

    /// <summary>Asserts that two arrays agree within a share of the largest magnitude expected.</summary>
    public static void AssertClose(IReadOnlyList<double> expected, IReadOnlyList<float> actual, double tolerance)
    {
        Assert.Equal(expected.Count, actual.Count);
        double largest = expected.Count == 0 ? 0 : expected.Max(Math.Abs);
        for (int i = 0; i < expected.Count; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * largest, $"Element {i}: expected {expected[i]:R}, found {actual[i]:R}, largest magnitude {largest:R}.");
    }
}

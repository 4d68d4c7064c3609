using Unroll.Tensors;

namespace Unroll.Tests.Contracts;

/// <summary>What goes into a recurrent layer, and the gradient of the loss with respect to what comes out. All row-major.</summary>
/// <param name="Input">[B, T, I].</param>
/// <param name="Lengths">Of each sequence, or null for a dense batch.</param>
/// <param name="Initial">Each [B, H]: h and perhaps c, forward then backward; empty for none.</param>
/// <param name="OutputWeights">[B, T, W], or [B, W] without sequences.</param>
/// <param name="FinalWeights">For each final state, [B, H].</param>
internal sealed record RecurrentData(
    float[] Input, int Batch, int Steps, int Inputs, int[]? Lengths, float[][] Initial, float[] OutputWeights, float[][] FinalWeights)
{
    public static RecurrentData Of(RecurrentVariant variant, RecurrentSetting s)
    {
        float[][] States(int first) => [.. Enumerable.Range(0, variant.States).Select(i => Numbers(s.Batch * s.Units, first + i, 0.8))];
        return new RecurrentData(
            Numbers(s.Batch * s.Steps * s.Inputs, 1, 1.0), s.Batch, s.Steps, s.Inputs, s.Lengths,
            s.InitialState ? States(10) : [],
            Numbers(s.Batch * (s.ReturnSequences ? s.Steps : 1) * variant.WidthOf(s.Units), 2, 1.0),
            States(20));
    }

    /// <summary>Numbers without order: sines of a growing pitch, all different and of both signs.</summary>
    public static float[] Numbers(int count, int seed, double scale) =>
        [.. Enumerable.Range(1, count).Select(i => (float)(scale * Math.Sin(1.7 * i + 0.37 * i * i + 2.3 * seed)))];

    public int LengthOf(int b) => Lengths?[b] ?? Steps;

    /// <summary>The input, with another number in the padding.</summary>
    public Tensor InputTensor(float padding = 0)
    {
        float[] values = [.. Input];
        int row = Steps * Inputs;
        for (int b = 0; b < Batch && Lengths is not null; b++) values.AsSpan(b * row + Lengths[b] * Inputs, row - Lengths[b] * Inputs).Fill(padding);
        Tensor dense = Tensor.FromArray(values, Batch, Steps, Inputs);
        return Lengths is null ? dense : dense.WithLengths(Lengths);
    }

    public Tensor[] InitialTensors() => [.. Initial.Select(s => Tensor.FromArray(s, Batch, s.Length / Batch))];

    /// <summary>One sequence of the batch, alone.</summary>
    public RecurrentData Row(int b)
    {
        float[] Part(float[] values) => values[(b * (values.Length / Batch))..((b + 1) * (values.Length / Batch))];
        return new RecurrentData(
            Part(Input), 1, Steps, Inputs, Lengths is null ? null : [Lengths[b]], [.. Initial.Select(Part)], Part(OutputWeights), [.. FinalWeights.Select(Part)]);
    }

    /// <summary>Steps from <paramref name="start"/> on; the output's weights likewise where they have a time axis.</summary>
    public RecurrentData Slice(int start, int count, bool sequences) => this with
    {
        Input = SliceTime(Input, Batch, Steps, start, count),
        Steps = count,
        Lengths = Lengths is null ? null : [.. Lengths.Select(n => Math.Clamp(n - start, 0, count))],
        OutputWeights = sequences ? SliceTime(OutputWeights, Batch, Steps, start, count) : OutputWeights,
    };

    /// <summary>Every sequence from its last real step to its first; the output's weights likewise where they have a time axis.</summary>
    public RecurrentData Reversed(bool sequences) => this with
    {
        Input = ReverseTime(Input),
        OutputWeights = sequences ? ReverseTime(OutputWeights) : OutputWeights,
    };

    /// <summary>[B, T, F] with each sequence's real steps in the opposite order.</summary>
    public float[] ReverseTime(float[] values)
    {
        float[] reversed = [.. values];
        int width = values.Length / Math.Max(1, Batch * Steps);
        for (int b = 0; b < Batch; b++)
            for (int t = 0; t < LengthOf(b); t++)
                values.AsSpan((b * Steps + t) * width, width).CopyTo(reversed.AsSpan((b * Steps + LengthOf(b) - 1 - t) * width));
        return reversed;
    }

    /// <summary>[B, T, F] cut in time.</summary>
    public static float[] SliceTime(float[] values, int batch, int steps, int start, int count)
    {
        int width = values.Length / Math.Max(1, batch * steps);
        float[] part = new float[batch * count * width];
        for (int b = 0; b < batch; b++) values.AsSpan((b * steps + start) * width, count * width).CopyTo(part.AsSpan(b * count * width));
        return part;
    }

    /// <summary>Parts in time, each [B, steps, F], one after another.</summary>
    public static float[] JoinTime(int batch, params (float[] Values, int Steps)[] parts)
    {
        int steps = parts.Sum(p => p.Steps), width = parts.Sum(p => p.Values.Length) / Math.Max(1, batch * steps), start = 0;
        float[] whole = new float[batch * steps * width];
        foreach ((float[] values, int count) in parts)
        {
            for (int b = 0; b < batch; b++) values.AsSpan(b * count * width, count * width).CopyTo(whole.AsSpan((b * steps + start) * width));
            start += count;
        }
        return whole;
    }
}

using Unroll.Inference;
using Unroll.Kernels.Recurrent;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Inference.Streaming;

/// <summary>Weights in fewer bits: against float32 streams of models whose weights were rounded by other code.</summary>
public class StreamErrorTests
{
    public static TheoryData<string> Cells => [.. Enum.GetNames<RecurrentCell>()];

    [Theory]
    [MemberData(nameof(Cells))]
    public void Sixteen_bits_give_the_bits_of_a_model_with_rounded_weights(string cell)
    {
        Sequential model = Model(cell), rounded = Model(cell);
        foreach (Parameter kernel in Kernels(rounded)) kernel.Set(Array.ConvertAll(kernel.ToArray(), NearestOfSixteenBits));
        Agreement.SameBits(cell, StreamBitsTests.Answers(rounded, StreamWeights.Float32), StreamBitsTests.Answers(model, StreamWeights.BFloat16));
        Assert.NotEqual(StreamBitsTests.Answers(model, StreamWeights.Float32), StreamBitsTests.Answers(model, StreamWeights.BFloat16));
    }

    [Theory]
    [InlineData(1 + 1 / 256f, 1)] // halfway: to the even neighbour
    [InlineData(1 + 3 / 256f, 1 + 4 / 256f)]
    [InlineData(-1 - 3 / 256f, -1 - 4 / 256f)]
    [InlineData(1 + 1.01f / 256f, 1 + 2 / 256f)]
    [InlineData(3.4e38f, float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity, float.NegativeInfinity)]
    [InlineData(float.NaN, float.NaN)]
    public void Sixteen_bits_round_to_the_nearest_and_halves_to_even(float weight, float expected)
    {
        Sequential model = StreamBitsTests.Model(1, new Dense(1, useBias: false));
        model.Parameters[0].Set([weight]);
        using ModelStream stream = model.OpenStream(new StreamOptions { Weights = StreamWeights.BFloat16 });
        Assert.Equal(expected, stream.Step([1])[0]);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Eight_bits_agree_with_a_model_with_rounded_weights_within_the_rounding_of_inputs(string cell)
    {
        Sequential model = Model(cell), rounded = Model(cell);
        foreach (Parameter kernel in Kernels(rounded)) kernel.Set(WholeShares(kernel));
        float[] expected = StreamBitsTests.Answers(rounded, StreamWeights.Float32), found = StreamBitsTests.Answers(model, StreamWeights.Int8);
        Agreement.Close(cell, expected, found, 2e-3);
        // Without rounding the weights the distance is several times larger, so the agreement is not by chance.
        double coarse = Distance(StreamBitsTests.Answers(model, StreamWeights.Float32), found);
        Assert.True(coarse > 3 * Distance(expected, found), $"{cell}: {coarse} and {Distance(expected, found)}");
    }

    [Fact]
    public void The_measured_error_is_the_difference_of_the_answers()
    {
        Sequential model = Model(nameof(RecurrentCell.Lstm));
        float[] x = RecurrentData.Numbers(6 * 7, 3, 1.0), exact = StreamBitsTests.Answers(model, StreamWeights.Float32);
        foreach (StreamWeights weights in Enum.GetValues<StreamWeights>())
        {
            float[] other = StreamBitsTests.Answers(model, weights);
            StreamError error = StreamError.Measure(model, Tensor.FromArray(x, 1, 6, 7), weights);
            Assert.Equal(exact.Zip(other, (a, b) => Math.Abs((double)b - a)).Max(), error.Largest);
            Assert.Equal(Distance(exact, other), error.RootMeanSquare, 1e-12);
            Assert.Equal(Math.Sqrt(exact.Average(v => (double)v * v)), error.RootMeanSquareOfAnswers, 1e-12);
            Assert.Equal(6, error.Steps);
            Assert.Equal(weights == StreamWeights.Float32, error.Largest == 0);
        }
    }

    [Fact]
    public void Padding_is_not_measured_and_wrong_inputs_are_refused()
    {
        Sequential model = Model(nameof(RecurrentCell.Gru));
        float[] x = RecurrentData.Numbers(2 * 6 * 7, 3, 1.0);
        Assert.Equal(5, StreamError.Measure(model, Tensor.FromArray(x, 2, 6, 7).WithLengths([4, 1]), StreamWeights.Int8).Steps);
        string message = Assert.Throws<ArgumentException>(() => StreamError.Measure(model, Tensor.FromArray(x, 12, 7), StreamWeights.Int8)).Message;
        Assert.Contains("expected inputs [sequences, steps, 7], received [12, 7]", message, StringComparison.Ordinal);
        message = Assert.Throws<ArgumentException>(() => StreamError.Measure(model, Tensor.FromArray(x, 2, 6, 7).WithLengths([0, 0]), StreamWeights.Int8)).Message;
        Assert.Contains("at least one step", message, StringComparison.Ordinal);
    }

    private static Sequential Model(string cell) => StreamBitsTests.Model(7,
        new RecurrentVariant(Enum.Parse<RecurrentCell>(cell), true, true, false, null).Make(45, true), new Dense(19));

    /// <summary>The matrices; a vector of recurrent weights keeps all its bits.</summary>
    private static IEnumerable<Parameter> Kernels(Sequential model) =>
        model.Parameters.Where(p => p.Shape.Rank == 2 && p.Name.EndsWith("kernel", StringComparison.Ordinal));

    private static double Distance(float[] a, float[] b) => Math.Sqrt(a.Zip(b, (x, y) => ((double)x - y) * ((double)x - y)).Average());

    /// <summary>The nearest number with eight significant binary digits; of two the one whose last digit is 0.</summary>
    private static float NearestOfSixteenBits(float value)
    {
        double unit = Math.ScaleB(1, Math.ILogB(value) - 7);
        return (float)(Math.Round(value / unit, MidpointRounding.ToEven) * unit);
    }

    /// <summary>Every column in 127ths of its largest magnitude.</summary>
    private static float[] WholeShares(Parameter kernel)
    {
        float[] values = kernel.ToArray();
        int columns = kernel.Shape[1];
        for (int c = 0; c < columns; c++)
        {
            double share = Enumerable.Range(0, kernel.Shape[0]).Max(r => Math.Abs((double)values[r * columns + c])) / 127;
            for (int i = c; i < values.Length; i += columns) values[i] = (float)(Math.Round(values[i] / share) * share);
        }
        return values;
    }
}

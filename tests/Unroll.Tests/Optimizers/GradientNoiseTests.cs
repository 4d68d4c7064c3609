using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Support;
using Unroll.Tests.Training;
using Unroll.Training;

namespace Unroll.Tests.Optimizers;

[Collection(VectorWidthCollection.Name)]
public sealed class GradientNoiseTests
{
    private static float[] Added(GradientNoise noise, long step, ulong seed = 7, string name = "w")
    {
        var parameter = new Parameter(name, new Shape(90, 95), new PanelLayout(90, 5, 19));
        float[] before = TrainingData.Distinct(parameter.Count);
        TestGradients.Set(parameter, before);
        noise.Add([parameter], seed, step);
        Assert.Equal(0, parameter.GradientSpan.ToArray().Count(v => v != 0) - parameter.Count);
        return [.. parameter.GradientToArray().Zip(before, (a, b) => a - b)];
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Its_moments_are_those_of_the_schedule(long step)
    {
        float[] noise = Added(new GradientNoise(0.3, 0.55), step);
        double variance = 0.3 / Math.Pow(1 + step, 0.55), n = noise.Length;
        Assert.Equal(Math.Sqrt(variance), new GradientNoise(0.3, 0.55).DeviationAt(step), 1e-14);
        Assert.InRange(noise.Average(v => (double)v), -4 * Math.Sqrt(variance / n), 4 * Math.Sqrt(variance / n));
        Assert.InRange(noise.Average(v => (double)v * v), variance * (1 - 4 * Math.Sqrt(2 / n)), variance * (1 + 4 * Math.Sqrt(2 / n)));
        // Four neighbours together: independent draws have fourth moments of a normal distribution.
        Assert.InRange(noise.Average(v => Math.Pow(v, 4)) / (variance * variance), 2.7, 3.3);
    }

    [Fact]
    public void It_follows_from_seed_name_and_step_alone()
    {
        var noise = new GradientNoise();
        Assert.Equal(Added(noise, 4), Added(noise, 4));
        Assert.NotEqual(Added(noise, 4), Added(noise, 5));
        Assert.NotEqual(Added(noise, 4), Added(noise, 4, seed: 8));
        Assert.NotEqual(Added(noise, 4), Added(noise, 4, name: "v"));
    }

    [Fact]
    public void Frozen_parameters_and_those_without_gradient_get_none()
    {
        var frozen = new Parameter("a", new Shape(3)) { Trainable = false };
        TestGradients.Set(frozen, [1, 2, 3]);
        var unreached = new Parameter("b", new Shape(3));
        new GradientNoise().Add([frozen, unreached], 0, 0);
        Assert.Equal([1f, 2f, 3f], frozen.GradientToArray());
        Assert.False(unreached.HasGradients);
    }

    [Fact]
    public void Training_with_it_is_the_same_bits_on_any_threads_at_every_width() => SameBits.AssertFor(() =>
    {
        Sequential model = TrainingData.Compiled(), without = TrainingData.Compiled();
        model.Fit(TrainingData.Classes(20), 2, 5, options: new FitOptions { GradientNoise = new GradientNoise(), ClipValue = 1 });
        without.Fit(TrainingData.Classes(20), 2, 5, options: new FitOptions { ClipValue = 1 });
        Assert.NotNull(Sameness.TrainedModels.FirstDifference(model, without));
        return model;
    });

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(double.NaN, 0.5)]
    [InlineData(1, -1)]
    public void Bad_numbers_are_refused(double scale, double decay) =>
        Assert.Contains("Gradient noise: expected a", Assert.Throws<ArgumentOutOfRangeException>(() => new GradientNoise(scale, decay)).Message, StringComparison.Ordinal);
}

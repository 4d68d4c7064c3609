using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Support;

namespace Unroll.Tests.Optimizers;

public sealed class GradientClippingTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Golden_global_norm_and_scaled_gradients_are_reproduced(bool panels)
    {
        GoldenFile file = GoldenFiles.Open("clip_gradient_norm");
        float maximum = float.Parse(file.Metadata("max_norm")!, System.Globalization.CultureInfo.InvariantCulture);
        int count = file.Tensors.Count(name => name.StartsWith("grad_before.", StringComparison.Ordinal));
        var parameters = new List<Parameter>();
        for (int i = 0; i < count; i++)
        {
            var shape = new Shape(file.Shape($"grad_before.{i}"));
            parameters.Add(new Parameter($"p{i}", shape, panels ? new PanelLayout(shape.Rows, 1, shape.Features) : null));
            TestGradients.Set(parameters[i], file.Floats($"grad_before.{i}"));
        }
        float norm = GradientClipping.ByGlobalNorm(parameters, maximum);
        float expectedNorm = file.Floats("norm")[0];
        Assert.Equal(expectedNorm, norm, 5e-6f * expectedNorm);
        for (int i = 0; i < count; i++)
        {
            float[] expected = file.Floats($"grad_after.{i}");
            Assert.Equal(expected, parameters[i].GradientToArray(), (a, b) => MathF.Abs(a - b) <= 5e-6f * expected.Max(MathF.Abs));
        }
    }

    [Fact]
    public void A_norm_within_the_maximum_changes_no_bit()
    {
        Parameter parameter = With("a", 3, 4);
        Assert.Equal(5f, GradientClipping.ByGlobalNorm([parameter], 5f));
        GradientClipping.ByNorm([parameter], 5f);
        Assert.Equal([3f, 4f], parameter.GradientToArray());
    }

    [Fact]
    public void Each_parameter_is_scaled_by_its_own_norm_or_all_by_one()
    {
        Parameter small = With("a", 3, 4), large = With("b", 12, -16);
        GradientClipping.ByNorm([small, large], 10f);
        Assert.Equal([3f, 4f], small.GradientToArray());
        Assert.Equal([6f, -8f], large.GradientToArray(), Close);
        large = With("b", 12, 0);
        Assert.Equal(13f, GradientClipping.ByGlobalNorm([small, large], 6.5f));
        Assert.Equal([1.5f, 2f], small.GradientToArray(), Close);
        Assert.Equal([6f, 0f], large.GradientToArray(), Close);
    }

    [Fact]
    public void A_step_uses_the_scaled_gradient_whether_or_not_anyone_read_it_before()
    {
        // Two factors one after the other round twice: their product would give other bits.
        Parameter[] parameters = [With("read", 3, -4, 0.1f), With("not read", 3, -4, 0.1f), With("scaled here", 3, -4, 0.1f)];
        foreach (float factor in new[] { 0.3f, 0.7f })
            for (int i = 0; i < 2; i++)
            {
                parameters[i].ScaleGradient(factor);
                if (i == 0) Assert.NotEmpty(parameters[i].GradientToArray());
            }
        float[] gradient = parameters[0].GradientToArray();
        Assert.Equal([3 * 0.3f * 0.7f, -4 * 0.3f * 0.7f, 0.1f * 0.3f * 0.7f], gradient);
        TestGradients.Set(parameters[2], gradient);
        foreach (Parameter parameter in parameters) new Sgd(0.1f, weightDecay: 0.5).Step([parameter]);
        Assert.Equal(parameters[2].ToArray(), parameters[0].ToArray());
        Assert.Equal(parameters[2].ToArray(), parameters[1].ToArray());
        Assert.Equal(new float[3], parameters[1].GradientToArray());
        Assert.NotEqual(new float[3], parameters[1].ToArray());
    }

    [Fact]
    public void What_a_later_backward_pass_adds_is_not_scaled_and_a_cleared_gradient_is_not_either()
    {
        Parameter parameter = With("a", 6, 8);
        GradientClipping.ByNorm([parameter], 5f);
        parameter.GradientSpan[0] += 1;
        Assert.Equal([4f, 4f], parameter.GradientToArray(), Close);
        GradientClipping.ByNorm([parameter], 1f);
        parameter.ClearGradient();
        parameter.GradientSpan[1] += 2;
        Assert.Equal([0f, 2f], parameter.GradientToArray());
    }

    [Fact]
    public void Values_are_brought_between_the_limits_and_not_a_number_stays()
    {
        Parameter parameter = With("a", -3, -0.5f, 0, 0.25f, 7, float.NaN, float.PositiveInfinity);
        GradientClipping.ByValue([parameter], 0.5f);
        Assert.Equal([-0.5f, -0.5f, 0, 0.25f, 0.5f, float.NaN, 0.5f], parameter.GradientToArray());
    }

    [Fact]
    public void Gradients_whose_squares_leave_the_range_of_float_are_still_measured()
    {
        Parameter parameter = With("a", 3e25f, -4e25f);
        Assert.Equal(5e25f, GradientClipping.ByGlobalNorm([parameter], 1f), 1e19f);
        Assert.Equal([0.6f, -0.8f], parameter.GradientToArray(), Close);
    }

    [Fact]
    public void Frozen_parameters_and_those_without_gradient_do_not_count_and_not_a_number_is_told()
    {
        Parameter frozen = With("a", 100), unreached = new("b", new Shape(2)), counted = With("c", 2);
        frozen.Trainable = false;
        Assert.Equal(2f, GradientClipping.ByGlobalNorm([frozen, unreached, counted], 1f));
        Assert.False(unreached.HasGradients);
        Assert.Equal([100f], frozen.GradientToArray());
        Parameter broken = With("d", float.NaN, 8);
        Assert.Equal(float.NaN, GradientClipping.ByGlobalNorm([broken], 1f));
        Assert.Equal([float.NaN, 8f], broken.GradientToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.ByValue([broken], -1f));
    }

    private static bool Close(float a, float b) => MathF.Abs(a - b) <= 2e-6f;

    private static Parameter With(string name, params float[] gradient)
    {
        var parameter = new Parameter(name, new Shape(gradient.Length));
        TestGradients.Set(parameter, gradient);
        return parameter;
    }
}

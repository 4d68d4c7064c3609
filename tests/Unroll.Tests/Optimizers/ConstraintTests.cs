using Unroll.Basics;
using Unroll.Data;
using Unroll.Kernels.Layouts;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Support;
using Unroll.Tests.Training;
using Unroll.Training;

namespace Unroll.Tests.Optimizers;

/// <summary>Constraints against Keras's formulas in double, after the step of an optimiser.</summary>
[Collection(VectorWidthCollection.Name)]
public sealed class ConstraintTests
{
    /// <summary>w·d / (n + 1e-7), d = rate·clip(n) + (1 − rate)·n, over the given axis of [rows, columns].</summary>
    private static double[] Expected(float[] values, int rows, int columns, bool overRows, double minimum, double maximum, double rate)
    {
        double[] result = Array.ConvertAll(values, v => (double)v);
        for (int v = 0; v < (overRows ? columns : rows); v++)
        {
            int[] places = [.. Enumerable.Range(0, overRows ? rows : columns).Select(i => overRows ? i * columns + v : v * columns + i)];
            double norm = Math.Sqrt(places.Sum(at => result[at] * result[at]));
            if (norm >= minimum && norm <= maximum) continue;
            foreach (int at in places) result[at] *= (rate * Math.Clamp(norm, minimum, maximum) + (1 - rate) * norm) / (norm + 1e-7);
        }
        return result;
    }

    public static TheoryData<int, int, string> Layouts => new() { { 5, 1, "panels" }, { 33, 3, "panels" }, { 7, 4, "panels" }, { 9, 1, "rows" }, { 40, 1, "vector" } };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Norms_are_brought_between_their_bounds_by_the_formula(int rows, int gates, string kind)
    {
        const int units = 21;
        int columns = kind == "vector" ? 1 : gates * units;
        float[] values = [.. TrainingData.Distinct(rows * columns).Select((v, i) => v * (0.1f + i % (kind == "rows" ? 1 : columns) * 0.05f))];
        (Constraint, double, double, double)[] cases =
        [
            (Constraint.MaxNorm(0.7f), 0, 0.7f, 1), (Constraint.UnitNorm(), 1, 1, 1),
            (Constraint.MinMaxNorm(0.5f, 0.9f, 0.25f), 0.5, 0.9f, 0.25), (Constraint.MaxNorm(1e6f), 0, 1e6, 1),
        ];
        foreach ((Constraint constraint, double minimum, double maximum, double rate) in cases)
        {
            var parameter = kind switch
            {
                "panels" => new Parameter("w", new Shape(rows, columns), new PanelLayout(rows, gates, units)),
                "rows" => new Parameter("w", new Shape(rows, columns)),
                _ => new Parameter("w", new Shape(rows)),
            };
            parameter.Set(values);
            parameter.Constraint = constraint;
            TestGradients.Set(parameter, new float[values.Length]);
            new Sgd(0.1f).Step([parameter]);
            double[] expected = Expected(values, rows, columns, overRows: kind != "rows", minimum, maximum, rate);
            float[] found = parameter.ToArray();
            for (int i = 0; i < found.Length; i++) Assert.Equal(expected[i], found[i], 1e-6 * Math.Max(1, Math.Abs(expected[i])));
            if (maximum == 1e6) Assert.Equal(values, found);
            foreach (float stored in parameter.ValueSpan) Assert.True(float.IsFinite(stored));
            Assert.Equal(values.Length, parameter.ValueSpan.ToArray().Count(v => v != 0)); // padding stays zero
        }
    }

    [Fact]
    public void No_number_stays_below_zero()
    {
        var parameter = new Parameter("w", new Shape(4)) { Constraint = Constraint.NonNegative() };
        parameter.Set([1, 0.5f, -3, 0]);
        TestGradients.Set(parameter, [5, 1, 0, float.NaN]);
        new Sgd(0.5f).Step([parameter]);
        Assert.Equal([0f, 0f, 0f, float.NaN], parameter.ToArray());
    }

    [Fact]
    public void Constrained_training_is_the_same_bits_on_any_threads_at_every_width() => SameBits.AssertFor(() =>
    {
        var model = new Sequential(seed: 3)
        {
            new Embedding(23, 7, paddingIndex: 0) { Constraint = Constraint.UnitNorm() },
            new Lstm(19) { KernelConstraint = Constraint.MaxNorm(0.4f), RecurrentConstraint = Constraint.MinMaxNorm(0.2f, 0.5f, 0.5f), BiasConstraint = Constraint.NonNegative() },
            new Dense(5, "softmax") { KernelConstraint = Constraint.MaxNorm(0.5f) },
        };
        model.Compile(new Adam(0.01f), Loss.SparseCategoricalCrossEntropy());
        model.Fit(Sameness.TrainedModels.Classified(), epochs: 5, batchSize: 5);
        foreach (float[] row in model.Parameters[0].ToArray().Chunk(7).Skip(1)) Assert.Equal(1, row.Sum(v => (double)v * v), 1e-5);
        Assert.All(model.Parameters[3].ToArray(), v => Assert.True(v >= 0));
        return model;
    });

    [Fact]
    public void What_cannot_hold_is_refused_with_where_and_why()
    {
        static string Refusal(Action make) => Assert.ThrowsAny<ArgumentException>(make).Message;
        Assert.Contains("no norm lies between them", Refusal(() => Constraint.MinMaxNorm(2, 1)), StringComparison.Ordinal);
        Assert.Contains("above 0, received 0", Refusal(() => Constraint.MaxNorm(0)), StringComparison.Ordinal);
        Assert.Contains("received NaN", Refusal(() => Constraint.MaxNorm(float.NaN)), StringComparison.Ordinal);
        Assert.Contains("at most 1, received 1.5", Refusal(() => Constraint.MinMaxNorm(rate: 1.5f)), StringComparison.Ordinal);
        Assert.Contains("Dense 'out': the constraint unit_norm on 'bias' cannot hold: it begins with zeros", Refusal(() =>
            new Dense(3, name: "out") { BiasConstraint = Constraint.UnitNorm() }.Build(new Shape(-1, 2))), StringComparison.Ordinal);
        Assert.Contains("column 2 begins with zeros", Refusal(() =>
            new Dense(3, kernelInitializer: "identity") { KernelConstraint = Constraint.MinMaxNorm(0.1f) }.Build(new Shape(-1, 2))), StringComparison.Ordinal);
        Assert.Contains("row 0 begins with zeros", Refusal(() =>
            new Embedding(3, 2, initializer: "zeros") { Constraint = Constraint.UnitNorm() }.Build(new Shape(-1, -1))), StringComparison.Ordinal);
        Assert.Contains("UseBias is false", Refusal(() =>
            new Lstm(3) { UseBias = false, BiasConstraint = Constraint.MaxNorm() }.Build(new Shape(-1, -1, 2))), StringComparison.Ordinal);
    }
}

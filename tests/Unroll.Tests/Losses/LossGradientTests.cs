using Unroll.Losses;
using Unroll.Tensors;
using Unroll.Tests.Reference;
using Xunit.Sdk;

namespace Unroll.Tests.Losses;

/// <summary>Every loss, weighted, against double-precision formulas and their finite differences.</summary>
public class LossGradientTests
{
    private const int Batch = 3, Time = 4, Features = 6, Rows = Batch * Time;
    private static readonly int[] s_shape = [Batch, Time, Features];
    private static readonly float[] s_outputs = LossRun.Distinct(Rows * Features, 1.5f);
    private static readonly float[] s_stepWeights = [.. LossRun.Distinct(Rows, 1f, 0.5f).Select(w => w < -0.7f ? 0f : w + 1f)];
    private static readonly double[] s_classWeights = [0.5, 1.25, 0, 2, 0.75, 1];
    private static readonly float[] s_quantiles = [0.1f, 0.5f, 0.8f];

    /// <summary>Losses of whole sequences, or of layers with parameters of their own.</summary>
    internal static readonly string[] Structured = ["ctc", "conditional_random_field", "sampled_softmax", "adaptive_softmax"];

    /// <summary>Name; loss; targets; their last axis (0 for none); the value and the weight of one row.</summary>
    private sealed record Case(Loss Loss, float[] Targets, int TargetFeatures, Func<int, double[], double> Value, Func<int, double>? RowWeight = null);

    private static Dictionary<string, Case> Cases()
    {
        float[] real = LossRun.Distinct(Rows * Features, 1.2f, 0.9f);
        float[] unit = [.. real.Select(y => Math.Clamp(0.5f + 0.6f * y, 0f, 1f))];
        float[] counts = [.. real.Select(y => MathF.Floor(3f + 2f * y))];
        float[] distributions = Distributions();
        float[] indices = [.. Enumerable.Range(0, Rows).Select(r => r % 5 == 3 ? -100f : r * 7 % Features)];
        float[] halves = LossRun.Distinct(Rows * 3, 1f, 0.3f), pairs = LossRun.Distinct(Rows * 2, 1f, 0.4f);
        float[] classWeights = [.. s_classWeights.Select(w => (float)w)];
        Func<int, double[], double> Elements(float[] y, Func<double, double, double> l) =>
            (r, x) => x.Select((value, f) => l(value, y[r * Features + f])).Average();
        double[] Q(int r) => [.. distributions.Skip(r * Features).Take(Features).Select(q => (double)q)];
        double Sparse(int r, double[] x, double smoothing, double[]? w)
        {
            if (indices[r] < 0) return 0;
            double uniform = smoothing == 0 ? 0 : LossReference.CrossEntropy(x, new double[Features], smoothing, w);
            double hit = (1 - smoothing) * LossReference.CrossEntropy(x, LossReference.OneHot((int)indices[r], Features), 0, w);
            return hit + uniform;
        }
        double Present(int r) => indices[r] < 0 ? 0 : 1;
        return new()
        {
            ["mse"] = new(Loss.MeanSquaredError(), real, Features, Elements(real, (x, y) => (x - y) * (x - y))),
            ["mae"] = new(Loss.MeanAbsoluteError(), real, Features, Elements(real, (x, y) => Math.Abs(x - y))),
            ["huber"] = new(Loss.Huber(0.4f), real, Features, Elements(real, (x, y) => LossReference.Huber(x, y, 0.4f))),
            ["poisson"] = new(Loss.PoissonNegativeLogLikelihood(), counts, Features, Elements(counts, LossReference.Poisson)),
            ["binary"] = new(Loss.BinaryCrossEntropy(), unit, Features, Elements(unit, (x, y) => LossReference.BinaryCrossEntropy(x, y, 0))),
            ["binary smoothed"] = new(Loss.BinaryCrossEntropy(0.2f), unit, Features, Elements(unit, (x, y) => LossReference.BinaryCrossEntropy(x, y, 0.2f))),
            ["categorical"] = new(Loss.CategoricalCrossEntropy(), distributions, Features, (r, x) => LossReference.CrossEntropy(x, Q(r), 0, null)),
            ["categorical smoothed"] = new(Loss.CategoricalCrossEntropy(0.1f), distributions, Features, (r, x) => LossReference.CrossEntropy(x, Q(r), 0.1f, null)),
            ["categorical weighted"] = new(Loss.CategoricalCrossEntropy(0.1f, classWeights), distributions, Features,
                (r, x) => LossReference.CrossEntropy(x, Q(r), 0.1f, s_classWeights), r => Q(r).Select((q, c) => q * s_classWeights[c]).Sum()),
            ["sparse"] = new(Loss.SparseCategoricalCrossEntropy(), indices, 0, (r, x) => Sparse(r, x, 0, null), Present),
            ["sparse smoothed"] = new(Loss.SparseCategoricalCrossEntropy(labelSmoothing: 0.3f), indices, 0, (r, x) => Sparse(r, x, 0.3f, null), Present),
            ["sparse weighted"] = new(Loss.SparseCategoricalCrossEntropy(-100, 0.3f, classWeights), indices, 0,
                (r, x) => Sparse(r, x, 0.3f, s_classWeights), r => indices[r] < 0 ? 0 : s_classWeights[(int)indices[r]]),
            ["divergence"] = new(Loss.KullbackLeiblerDivergence(), distributions, Features, (r, x) => LossReference.Divergence(x, Q(r))),
            ["gaussian"] = new(Loss.GaussianNegativeLogLikelihood(), halves, 3, (r, x) => Enumerable.Range(0, 3)
                .Average(h => LossReference.Gaussian(x[2 * h], Math.Log(1 + Math.Exp(x[2 * h + 1])) + 0.001f, halves[r * 3 + h]))),
            ["mixture"] = new(Loss.MixtureDensity(), [.. halves.Take(Rows)], 1, (r, x) => StructuredReference.Mixture(x, [halves[r]], 2)),
            ["quantile"] = new(Loss.Quantile(s_quantiles), pairs, 2, (r, x) => Enumerable.Range(0, 6)
                .Average(i => LossReference.Pinball(x[i], pairs[r * 2 + i / 3], s_quantiles[i % 3]))),
        };
    }

    private static float[] Distributions()
    {
        var all = new float[Rows * Features];
        for (int r = 0; r < Rows; r++)
        {
            double[] q = LossReference.Softmax([.. LossRun.Distinct(Features, 2f, r).Select(v => (double)v)]);
            q[r % Features] = 0; // a class that the targets never have
            for (int c = 0; c < Features; c++) all[r * Features + c] = (float)(q[c] / q.Sum());
        }
        return all;
    }

    public static IEnumerable<object[]> Settings() =>
        from name in Cases().Keys from weighted in new[] { false, true } from ragged in new[] { false, true } select new object[] { name, weighted, ragged };

    [Theory]
    [MemberData(nameof(Settings))]
    public void Value_and_gradient_agree_with_the_formula_in_double(string name, bool weighted, bool ragged) =>
        Compare(name, weighted, ragged, gradient => gradient);

    [Theory]
    [InlineData("mse")]
    [InlineData("sparse smoothed")]
    [InlineData("gaussian")]
    public void A_planted_wrong_gradient_is_noticed(string name)
    {
        Assert.ThrowsAny<XunitException>(() => Compare(name, true, false, gradient =>
        {
            int largest = Array.IndexOf(gradient, gradient.Max());
            gradient[largest] *= 1.001f;
            return gradient;
        }));
    }

    [Fact]
    public void Every_named_loss_has_a_case_or_tests_of_its_own() =>
        Assert.Equal(LossNames.All.Except(Structured).Order(StringComparer.Ordinal), Cases().Values.Select(c => c.Loss.Name).Distinct().Order(StringComparer.Ordinal));

    private static void Compare(string name, bool weighted, bool ragged, Func<float[], float[]> change)
    {
        Case one = Cases()[name];
        int[] lengths = ragged ? [2, 4, 0] : [4, 4, 4];
        double Weight(int r) => (r % Time < lengths[r / Time] ? 1.0 : 0.0) * (weighted ? s_stepWeights[r] : 1.0);
        double Reference(double[] x)
        {
            double sum = 0, total = 0;
            for (int r = 0; r < Rows; r++)
            {
                sum += Weight(r) * one.Value(r, x[(r * Features)..((r + 1) * Features)]);
                total += Weight(r) * (one.RowWeight?.Invoke(r) ?? 1);
            }
            return sum / total;
        }
        // A row that the reference leaves out must not spoil it: its targets are real all the same.
        int[] shape = one.TargetFeatures == 0 ? [Batch, Time] : [Batch, Time, one.TargetFeatures];
        Tensor targets = Tensor.FromArray(one.Targets, shape), weights = Tensor.FromArray(s_stepWeights, Batch, Time);
        LossRun run = LossRun.Of(one.Loss, s_outputs, s_shape, targets, weighted ? weights : null, ragged ? lengths : null);
        LossRun.AssertClose([Reference([.. s_outputs.Select(x => (double)x)])], [run.Value], 2e-6);
        LossRun.AssertClose(LossReference.Differences(Reference, s_outputs), change([.. run.Gradient]), 5e-6);

        if (!ragged) return;
        // Targets and weights packed alike, and packed beside dense outputs, are the same again.
        Tensor packedTargets = targets.WithLengths(lengths), packedWeights = weights.WithLengths(lengths);
        LossRun packed = LossRun.Of(one.Loss, s_outputs, s_shape, packedTargets, weighted ? packedWeights : null, lengths);
        LossRun dense = LossRun.Of(one.Loss, s_outputs, s_shape, packedTargets, weighted ? packedWeights : null);
        Assert.Equal(run.Gradient, packed.Gradient);
        Assert.Equal(run.Value, packed.Value);
        LossRun.AssertClose([run.Value], [dense.Value], 1e-6);
        LossRun.AssertClose([.. run.Gradient.Select(g => (double)g)], dense.Gradient, 1e-6);
    }
}

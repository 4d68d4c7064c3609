using Unroll.Autograd;
using Unroll.Kernels.Simd;
using Unroll.Losses;
using Unroll.Tensors;
using Unroll.Tests.Reference;
using Unroll.Tests.Support;

namespace Unroll.Tests.Losses;

public class LossTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(33)]
    [InlineData(100)]
    [InlineData(10_007)]
    public void Cross_entropy_is_right_for_any_count_of_classes_and_sparse_equals_one_hot(int classes)
    {
        const int rows = 3;
        float[] logits = LossRun.Distinct(rows * classes, 4f);
        float[] indices = [0, classes / 2, classes - 1];
        float[] oneHot = new float[rows * classes];
        double expected = 0;
        double[] gradient = new double[rows * classes];
        for (int r = 0; r < rows; r++)
        {
            oneHot[r * classes + (int)indices[r]] = 1;
            double[] p = LossReference.Softmax([.. logits.Skip(r * classes).Take(classes).Select(x => (double)x)]);
            expected -= Math.Log(p[(int)indices[r]]) / rows;
            for (int c = 0; c < classes; c++) gradient[r * classes + c] = (p[c] - (c == (int)indices[r] ? 1 : 0)) / rows;
        }
        LossRun sparse = LossRun.Of(Loss.SparseCategoricalCrossEntropy(), logits, [rows, classes], Tensor.FromArray(indices, rows));
        LossRun dense = LossRun.Of(Loss.CategoricalCrossEntropy(), logits, [rows, classes], Tensor.FromArray(oneHot, rows, classes));
        foreach (LossRun run in new[] { sparse, dense })
        {
            Assert.Equal(expected, run.Value, 2e-6 * Math.Max(1, expected));
            LossRun.AssertClose(gradient, run.Gradient, 5e-6);
        }
    }

    [Fact]
    public void Class_weights_make_sparse_equal_one_hot_too()
    {
        float[] logits = LossRun.Distinct(12, 2f), weights = [0.5f, 2f, 1.5f, 0f];
        float[] oneHot = [0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0];
        LossRun sparse = LossRun.Of(Loss.SparseCategoricalCrossEntropy(-100, 0.2f, weights), logits, [3, 4], Tensor.FromArray([1, 2, 0], 3, 1));
        LossRun dense = LossRun.Of(Loss.CategoricalCrossEntropy(0.2f, weights), logits, [3, 4], Tensor.FromArray(oneHot, 3, 4));
        Assert.Equal(dense.Value, sparse.Value, 1e-6);
        LossRun.AssertClose([.. dense.Gradient.Select(g => (double)g)], sparse.Gradient, 2e-6);
    }

    [Fact]
    public void Binary_class_weights_weigh_each_target()
    {
        float[] x = [0.5f, -1f, 2f], y = [1, 0, 0];
        LossRun run = LossRun.Of(Loss.BinaryCrossEntropy(0f, [1f, 3f]), x, [3, 1], Tensor.FromArray(y, 3));
        double expected = (3 * LossReference.BinaryCrossEntropy(0.5, 1, 0) + LossReference.BinaryCrossEntropy(-1, 0, 0) + LossReference.BinaryCrossEntropy(2, 0, 0)) / 5;
        Assert.Equal(expected, run.Value, 1e-6);
    }

    [Fact]
    public void Ragged_equals_each_sequence_alone()
    {
        int[] lengths = [2, 5, 1, 4];
        float[] logits = LossRun.Distinct(4 * 5 * 3, 2f), targets = [.. Enumerable.Range(0, 20).Select(i => (float)(i * 2 % 3))];
        foreach (int step in new[] { 2, 3, 4 }) targets[step] = 77; // padding of sequence 0: never looked at
        float[] sampleWeights = [0.5f, 2f, 1f, 0.25f];
        LossRun all = LossRun.Of(Loss.SparseCategoricalCrossEntropy(), logits, [4, 5, 3], Tensor.FromArray(targets, 4, 5), Tensor.FromArray(sampleWeights, 4), lengths);
        double sum = 0, total = 0;
        for (int b = 0; b < 4; b++)
        {
            LossRun alone = LossRun.Of(Loss.SparseCategoricalCrossEntropy(), logits[(b * 15)..(b * 15 + lengths[b] * 3)], [1, lengths[b], 3], Tensor.FromArray(targets.AsSpan(b * 5, lengths[b]), 1, lengths[b]));
            sum += sampleWeights[b] * lengths[b] * alone.Value;
            total += sampleWeights[b] * lengths[b];
        }
        Assert.Equal(sum / total, all.Value, 1e-6);
        for (int b = 0; b < 4; b++)
            for (int i = lengths[b] * 3; i < 15; i++) Assert.Equal(0f, all.Gradient[b * 15 + i]);
    }

    [Fact]
    public void Weights_of_single_targets_leave_out_missing_ones()
    {
        float[] x = [1, 2, 3, 4], y = [0, float.PositiveInfinity, 5, 4.5f];
        LossRun run = LossRun.Of(Loss.MeanSquaredError(), x, [2, 2], Tensor.FromArray(y, 2, 2), Tensor.FromArray([1, 0, 3, 1], 2, 2));
        Assert.Equal((1 + 12 + 0.25f) / 5, run.Value, 1e-6f);
        LossRun.AssertClose([2.0 / 5, 0, -12.0 / 5, -1.0 / 5], run.Gradient, 1e-6);
    }

    [Fact]
    public void Extreme_logits_stay_finite_and_exact()
    {
        float[] logits = [1e4f, -1e4f, 0, -1e4f, 1e4f, 0];
        LossRun sparse = LossRun.Of(Loss.SparseCategoricalCrossEntropy(), logits, [2, 3], Tensor.FromArray([0, 0], 2));
        Assert.Equal(1e4f, sparse.Value); // 0 and 20,000
        Assert.Equal([0f, 0f, 0f, -0.5f, 0.5f, 0f], sparse.Gradient);
        LossRun binary = LossRun.Of(Loss.BinaryCrossEntropy(), [1e4f, -1e4f, 1e4f, -1e4f], [4, 1], Tensor.FromArray([1, 0, 0, 1], 4));
        Assert.Equal(5e3f, binary.Value);
        Assert.Equal([0f, 0f, 0.25f, -0.25f], binary.Gradient);
        LossRun divergence = LossRun.Of(Loss.KullbackLeiblerDivergence(), logits, [2, 3], Tensor.FromArray([1, 0, 0, 0, 1, 0], 2, 3));
        Assert.Equal(0f, divergence.Value);
    }

    [Fact]
    public void A_class_masked_by_minus_infinity_costs_nothing_unless_it_is_the_target()
    {
        float[] logits = [1f, float.NegativeInfinity, 2f];
        double p = 1 / (1 + Math.Exp(1));
        LossRun run = LossRun.Of(Loss.CategoricalCrossEntropy(), logits, [1, 3], Tensor.FromArray([1, 0, 0], 1, 3));
        Assert.Equal(-Math.Log(p), run.Value, 1e-6);
        LossRun.AssertClose([p - 1, 0, 1 - p], run.Gradient, 1e-6);
    }

    public static IEnumerable<object[]> Names() => LossNames.All.Except(LossGradientTests.Structured).Select(name => new object[] { name });

    [Theory]
    [MemberData(nameof(Names))]
    public void Infinite_targets_of_weight_zero_change_nothing_and_nothing_left_is_zero(string name)
    {
        Loss loss = Loss.FromName(name);
        int targets = TargetFeaturesOf(name);
        float[] y = [.. Enumerable.Range(0, 2 * targets).Select(i => i < targets ? (i % 2 == 0 ? 1f : 0f) : float.PositiveInfinity)];
        int[] targetShape = targets == 1 ? [2] : [2, targets];
        float[] outputs = LossRun.Distinct(12, 2f);
        LossRun one = LossRun.Of(loss, outputs, [2, 6], Tensor.FromArray(y, targetShape), Tensor.FromArray([2, 0], 2));
        LossRun alone = LossRun.Of(loss, outputs[..6], [1, 6], Tensor.FromArray(y.AsSpan(0, targets), [1, .. targetShape[1..]]));
        Assert.Equal(alone.Value, one.Value, 1e-6f);
        LossRun.AssertClose([.. alone.Gradient.Select(g => (double)g), 0, 0, 0, 0, 0, 0], one.Gradient, 1e-6);

        LossRun none = LossRun.Of(loss, outputs, [2, 6], Tensor.FromArray(y, targetShape), Tensor.FromArray([0, 0], 2));
        Assert.Equal(0f, none.Value);
        Assert.All(none.Gradient, g => Assert.Equal(0f, g));
        Assert.Equal(0f, LossRun.Of(loss, [], [0, 6], Tensor.FromArray([], [0, .. targetShape[1..]])).Value);
    }

    [Fact]
    public void All_targets_ignored_is_zero_with_zero_gradient()
    {
        LossRun run = LossRun.Of(Loss.SparseCategoricalCrossEntropy(ignoredTarget: 0), [1f, 2f, 3f, 4f], [2, 2], Tensor.FromArray([0, 0], 2));
        Assert.Equal(0f, run.Value);
        Assert.Equal(new float[4], run.Gradient);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_width_and_number_of_threads_gives_the_same_bits(string name)
    {
        const int batch = 5, features = 6 * 13;
        int targets = TargetFeaturesOf(name) == 1 ? 1 : TargetFeaturesOf(name) * 13;
        float[] y = [.. LossRun.Distinct(batch * targets, 0.5f, 2f).Select(v => targets == 1 ? MathF.Floor((v + 0.6f) * 60) : Math.Clamp(v + 0.5f, 0f, 1f))];
        Loss loss = Loss.FromName(name);
        float[] outputs = LossRun.Distinct(batch * features, 3f), weights = [1, 0.3f, 0, 2, 0.7f];
        int before = SimdWidth.Current;
        var runs = new List<LossRun>();
        try
        {
            foreach (int width in new[] { 32, 128, 256, 512 })
            {
                SimdWidth.Current = width;
                foreach (int threads in new[] { 1, 2, 3 })
                    runs.Add(DividedWork.On(threads, () => LossRun.Of(loss, outputs, [batch, features], Tensor.FromArray(y, batch, targets), Tensor.FromArray(weights, batch))));
            }
        }
        finally
        {
            SimdWidth.Current = before;
        }
        Assert.True(runs[0].Value != 0 && float.IsFinite(runs[0].Value));
        foreach (LossRun run in runs)
        {
            Assert.Equal(BitConverter.SingleToInt32Bits(runs[0].Value), BitConverter.SingleToInt32Bits(run.Value));
            Assert.Equal(runs[0].Gradient.Select(BitConverter.SingleToInt32Bits), run.Gradient.Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.1f)]
    public unsafe void The_first_gradient_of_a_softmax_overwrites_and_the_second_adds(float smoothing)
    {
        // Rows of weight 0 have no gradient, and eleven classes leave a part of a vector at a row's end.
        const int rows = 4, classes = 11;
        Loss loss = Loss.SparseCategoricalCrossEntropy(labelSmoothing: smoothing);
        float[] logits = LossRun.Distinct(rows * classes, 3f);
        Tensor y = Tensor.FromArray([3, 0, 10, 7], rows), weights = Tensor.FromArray([1, 0, 0.5f, 2], rows);
        var tape = new Tape();
        float[] Gradient(int times)
        {
            Tensor x = LossRun.OnTape(tape, logits, [rows, classes]);
            Tensor sum = loss.Of(x, y, weights);
            for (int i = 1; i < times; i++) sum = Unroll.Ops.AddOp.Of(tape, sum, loss.Of(x, y, weights));
            tape.Backward(sum);
            float[] gradient = tape.GradientOf(x);
            // What the next pass finds in this memory.
            new Span<float>(x.Buffer.Gradients, rows * classes).Fill(float.NaN);
            tape.Reset();
            return gradient;
        }
        float[] once = Gradient(1);
        Assert.Equal(once, Gradient(1));
        Assert.All(once.Skip(classes).Take(classes), g => Assert.Equal(0f, g));
        LossRun.AssertClose([.. once.Select(g => 2.0 * g)], Gradient(2), 1e-6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_step_allocates_nothing_after_the_first_ones(string name)
    {
        Loss loss = Loss.FromName(name);
        int targets = TargetFeaturesOf(name);
        Tensor source = Tensor.FromArray(LossRun.Distinct(4 * 5 * 6), 4, 5, 6).WithLengths([5, 2, 3, 1]);
        Tensor y = targets == 1 ? Tensor.Zeros(4, 5) : Tensor.Zeros(4, 5, targets), weights = Tensor.FromArray([1, 2, 3, 4], 4);
        var tape = new Tape();
        void Step()
        {
            Tensor x = tape.New(source.Shape, source.Layout, needsGradient: true);
            source.Storage.CopyTo(x.Storage);
            tape.Backward(loss.Of(x, y, weights));
            tape.Reset();
        }
        for (int i = 0; i < 40; i++) Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++) Step();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void An_evaluation_gives_the_same_number_and_keeps_no_copy()
    {
        float[] logits = LossRun.Distinct(300 * 40, 3f), targets = [.. Enumerable.Range(0, 300).Select(r => (float)(r % 40))];
        var tape = new Tape(recording: false);
        Tensor x = tape.New(new Unroll.Basics.Shape(300, 40));
        logits.CopyTo(x.Storage);
        long before = tape.UsedBytes;
        float value = Loss.SparseCategoricalCrossEntropy(labelSmoothing: 0.1f).Of(x, Tensor.FromArray(targets, 300)).Item;
        Assert.True(tape.UsedBytes - before < 300 * 40 * sizeof(float));
        Assert.Equal(LossRun.Of(Loss.SparseCategoricalCrossEntropy(labelSmoothing: 0.1f), logits, [300, 40], Tensor.FromArray(targets, 300)).Value, value);
    }

    [Fact]
    public void The_gradient_scales_with_what_comes_from_above()
    {
        float[] x = [1f, -2f, 0.5f];
        var tape = new Tape();
        Tensor outputs = LossRun.OnTape(tape, x, [3, 1]);
        Tensor loss = Loss.MeanSquaredError().Of(outputs, Tensor.FromArray([0, 0, 0], 3));
        tape.Backward(loss, [3f]);
        LossRun.AssertClose([2, -4, 1], tape.GradientOf(outputs), 1e-6);
    }

    private static int TargetFeaturesOf(string name) => name switch
    {
        "sparse_categorical_crossentropy" => 1,
        "gaussian_negative_log_likelihood" => 3,
        "quantile" => 2,
        "mixture_density" => 1,
        _ => 6,
    };
}

using Unroll.Cli.Bench;
using Unroll.Kernels.Simd;
using Unroll.Tensors;

namespace Unroll.Tests.Cli.Bench;

public unsafe class BenchModelTests
{
    public static TheoryData<string, bool, bool> Kinds()
    {
        var kinds = new TheoryData<string, bool, bool>();
        foreach (string cell in new[] { "rnn", "lstm", "gru" })
            foreach (bool both in new[] { false, true })
                foreach (bool ragged in new[] { false, true }) kinds.Add(cell, both, ragged);
        return kinds;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_training_step_reaches_every_weight_and_the_input_and_starts_from_zero(string cell, bool both, bool ragged)
    {
        var model = new BenchModel(new BenchShape("m", cell, 3, 4, 5, 6, 2, both, ragged));
        model.Forward();
        float[] forward = model.Output.ToArray();
        Assert.Equal(3 * 4 * (both ? 12 : 6), forward.Length);
        model.Train();
        Assert.Equal(forward, model.Output.ToArray());
        // Four gate matrices, two biases for each layer and direction.
        Assert.Equal(2 * (both ? 2 : 1) * 4, model.Parameters.Count());
        float[][] first = [.. model.Parameters.Select(parameter => parameter.GradientToArray())];
        Assert.All(first, gradient => Assert.Contains(gradient, value => value != 0));
        var input = new ReadOnlySpan<float>(model.Input.Buffer.Gradients, model.Input.StoredLength).ToArray();
        // Ragged lengths are 4, 2 and 1 of 4 steps: padding has no gradient, every real step has one.
        int[] lengths = ragged ? [4, 2, 1] : [4, 4, 4];
        for (int i = 0; i < input.Length; i++) Assert.Equal(i / 5 % 4 < lengths[i / 20], input[i] != 0);
        model.Train();
        Assert.Equal(first, model.Parameters.Select(parameter => parameter.GradientToArray()));
    }

    [Fact]
    public void Padding_stays_zero_in_the_output()
    {
        var model = new BenchModel(new BenchShape("m", "lstm", 2, 4, 3, 5, 1, false, true)); // lengths 4 and 2
        model.Forward();
        float[] output = model.Output.ToArray();
        Assert.All(output[..30], value => Assert.NotEqual(0f, value));
        Assert.All(output[30..], value => Assert.Equal(0f, value));
    }

    [Fact]
    public void The_peak_loops_do_all_their_additions()
    {
        float* result = stackalloc float[16];
        var arguments = new PeakArguments(0.5f, 0.25f, 1000, result);
        SimdWidth.Run<PeakLoop8, PeakArguments>(in arguments);
        Assert.Equal(8 * 1000 * 0.125f, result[0]);
        SimdWidth.Run<PeakLoop12, PeakArguments>(in arguments);
        Assert.Equal(12 * 1000 * 0.125f, result[0]);
        SimdWidth.Run<PeakLoop24, PeakArguments>(in arguments);
        Assert.Equal(24 * 1000 * 0.125f, result[0]);
    }

    [Fact]
    public void The_timer_takes_the_median_and_counts_allocated_bytes()
    {
        int calls = 0;
        BenchTiming timing = BenchTimer.Measure(() => { calls++; GC.KeepAlive(new byte[1000]); }, 0.01, default);
        Assert.InRange(timing.AllocatedBytes, 1000, 1040);
        Assert.True(calls > 35);
        Assert.Throws<OperationCanceledException>(() => BenchTimer.Measure(() => { }, 0.01, new CancellationToken(canceled: true)));
    }
}

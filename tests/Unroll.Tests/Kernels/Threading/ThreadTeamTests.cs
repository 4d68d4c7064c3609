using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Activations;
using Unroll.Kernels.Recurrent;
using Unroll.Kernels.Threading;
using Unroll.Ops.Recurrent;
using Unroll.Tensors;
using Unroll.Tests.Support;

namespace Unroll.Tests.Kernels.Threading;

public class ThreadTeamTests
{
    public static TheoryData<int> ThreadCounts => [2, 3, 7];

    public static TheoryData<string, bool> Cells
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (string cell in Enum.GetNames<RecurrentCell>())
                foreach (bool general in new[] { false, true }) data.Add(cell, general);
            return data;
        }
    }

    /// <summary>What the general kernels are run with.</summary>
    internal static CellOptions Options { get; } = new(ActivationKind.Softsign, ActivationKind.HardSigmoid, 0.1f);

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_recurrence_has_the_same_bits_on_any_number_of_threads(string cell, bool general)
    {
        RecurrentCell kind = Enum.Parse<RecurrentCell>(cell);
        float[][] alone = DividedWork.On(1, () => Train(kind, general));
        foreach (int threads in new[] { 2, 3, 7 })
            foreach (SweepDivisionKind division in Enum.GetValues<SweepDivisionKind>())
            {
                float[][] together = DividedWork.On(threads, () => Train(kind, general), division);
                for (int i = 0; i < alone.Length; i++) Assert.Equal(alone[i], together[i]);
            }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Two_directions_at_once_have_the_bits_of_one_after_the_other(string cell, bool general)
    {
        RecurrentCell kind = Enum.Parse<RecurrentCell>(cell);
        float[][] alone = DividedWork.On(1, () => TrainBothWays(kind, general));
        foreach (int threads in new[] { 2, 3, 4, 7 })
        {
            float[][] together = DividedWork.On(threads, () => TrainBothWays(kind, general));
            for (int i = 0; i < alone.Length; i++) Assert.Equal(alone[i], together[i]);
        }
    }

    [Theory]
    [MemberData(nameof(ThreadCounts))]
    public void Every_part_is_done_exactly_once(int threads)
    {
        for (int round = 0; round < 300; round++)
        {
            int[] counts = new int[16];
            int parts = 0;
            DividedWork.On(threads, () =>
            {
                ThreadTeam.Run(new Count(counts, p => parts = p), 1 + round % 9);
                return 0;
            });
            Assert.Equal(Enumerable.Repeat(1, parts).Concat(Enumerable.Repeat(0, 16 - parts)), counts);
        }
    }

    [Fact]
    public void A_thread_that_slept_takes_part_again()
    {
        DividedWork.On(3, () =>
        {
            for (int round = 0; round < 5; round++)
            {
                int[] counts = new int[16];
                int parts = 0;
                ThreadTeam.Run(new Count(counts, p => parts = p), 3);
                Assert.Equal(parts, counts.Sum());
                Thread.Sleep(30);
            }
            return 0;
        });
    }

    [Fact]
    public void Many_callers_at_once_each_get_their_own_result()
    {
        float[][] expected = DividedWork.On(1, () => Train(RecurrentCell.Lstm));
        DividedWork.On(3, () =>
        {
            Parallel.For(0, 24, new ParallelOptions { MaxDegreeOfParallelism = 6 }, _ =>
            {
                float[][] actual = Train(RecurrentCell.Lstm);
                for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i]);
            });
            return 0;
        });
    }

    [Fact]
    public void A_failing_part_is_reported_and_the_team_works_on()
    {
        DividedWork.On(3, () =>
        {
            for (int round = 0; round < 3; round++)
                Assert.ThrowsAny<Exception>(() => ThreadTeam.Run(new Failing(), 3));
            int[] counts = new int[16];
            ThreadTeam.Run(new Count(counts, _ => { }), 3);
            Assert.Equal(1, counts[0]);
            return 0;
        });
    }

    [Fact]
    public void Work_inside_work_is_done_by_the_thread_that_brings_it()
    {
        DividedWork.On(3, () =>
        {
            int[] counts = new int[16];
            ThreadTeam.Run(new Nested(counts), 3);
            Assert.Equal(counts[0], counts.Sum());
            Assert.InRange(counts[0], 1, 3);
            return 0;
        });
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-2")]
    [InlineData("two")]
    [InlineData("257")]
    public void A_wrong_number_of_threads_is_refused(string wanted)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Threads.Choose(wanted));
        Assert.Equal($"UNROLL_THREADS is '{wanted}'; expected a whole number from 1 to 256.", error.Message);
    }

    [Theory]
    [InlineData(10, 3, 1)]
    [InlineData(10, 7, 6)]
    [InlineData(0, 4, 6)]
    [InlineData(5, 8, 1)]
    public void Shares_cover_a_count_without_overlap(int count, int parts, int unit)
    {
        int at = 0;
        for (int part = 0; part < parts; part++)
        {
            (int first, int end) = TeamParts.Range(part, parts, count, unit);
            Assert.Equal(at, first);
            Assert.True(end == count || end % unit == 0);
            at = end;
        }
        Assert.Equal(count, at);
    }

    /// <summary>Outputs and all gradients of a ragged batch, as arrays.</summary>
    private static float[][] Train(RecurrentCell cell, bool general = false)
    {
        const int inputs = 9, units = 37, batch = 26, steps = 11;
        var weights = new RecurrentWeights(cell, inputs, units, useBias: true, separateBiases: true);
        int seed = 1;
        foreach (Parameter parameter in weights.All) parameter.Set(Sines(parameter.Count, ++seed));
        Tensor x = Tensor.FromArray(Sines(batch * steps * inputs, 40), batch, steps, inputs)
            .WithLengths([.. Enumerable.Range(0, batch).Select(b => b * 7 % (steps + 1))]);
        Tensor initial = Tensor.FromArray(Sines(batch * units, 50), batch, units);
        var tape = new Tape();
        tape.Watch(x);
        tape.Watch(initial);
        RecurrentResult result = RecurrentOp.Of(tape, x, new RecurrentCall(weights, Reverse: true, initial, Options: general ? Options : null));
        tape.Backward(result.Sequence, Sines(batch * steps * units, 60));
        return [result.Sequence.ToArray(), result.FinalState.ToArray(), tape.GradientOf(x), tape.GradientOf(initial), .. weights.All.Select(p => p.GradientToArray())];
    }

    /// <summary>Outputs and all gradients of two directions over one ragged batch, the input's gradient not starting at zero.</summary>
    private static float[][] TrainBothWays(RecurrentCell cell, bool general)
    {
        const int inputs = 9, units = 21, batch = 13, steps = 8;
        RecurrentWeights[] weights = [new(cell, inputs, units, useBias: true, separateBiases: true), new(cell, inputs, units, useBias: true, separateBiases: true)];
        int seed = 1;
        foreach (Parameter parameter in weights.SelectMany(w => w.All)) parameter.Set(Sines(parameter.Count, ++seed));
        Tensor x = Tensor.FromArray(Sines(batch * steps * inputs, 40), batch, steps, inputs)
            .WithLengths([.. Enumerable.Range(0, batch).Select(b => b * 5 % (steps + 1))]);
        var tape = new Tape();
        tape.Watch(x);
        (RecurrentResult first, RecurrentResult second) = RecurrentOp.Both(
            tape, x, new RecurrentCall(weights[0], Options: general ? Options : null), new RecurrentCall(weights[1], Reverse: true, Options: general ? Options : null));
        Tensor joined = Unroll.Ops.ConcatenateOp.Of(tape, first.Sequence, second.Sequence);
        tape.Backward(joined, Sines(batch * steps * 2 * units, 60));
        return [joined.ToArray(), first.FinalState.ToArray(), second.FinalState.ToArray(), tape.GradientOf(x), .. weights.SelectMany(w => w.All).Select(p => p.GradientToArray())];
    }

    private static float[] Sines(int count, int seed) => [.. Enumerable.Range(1, count).Select(i => (float)Math.Sin(1.7 * i + seed) * 0.3f)];

    private readonly struct Count(int[] counts, Action<int> told) : ITeamWork
    {
        public void Part(int part, int parts)
        {
            if (part == 0) told(parts);
            Interlocked.Increment(ref counts[part]);
        }
    }

    private readonly struct Failing : ITeamWork
    {
        public void Part(int part, int parts)
        {
            if (part == parts - 1) throw new InvalidOperationException("planted");
        }
    }

    private readonly struct Nested(int[] counts) : ITeamWork
    {
        public void Part(int part, int parts) => ThreadTeam.Run(new Count(counts, _ => { }), 3);
    }
}

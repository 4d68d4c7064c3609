using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Kernels.Products;
using Unroll.Kernels.Threading;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Support;
using Unroll.Training;

namespace Unroll.Tests.Sameness;

/// <summary>
/// Once warm, a step of training and a forward pass allocate nothing on any thread, neither managed nor native memory.
/// <c>Predict</c> returns a tensor of its own memory, so the pass is measured that it consists of.
/// </summary>
[Collection(VectorWidthCollection.Name)]
public sealed class AllocationTests
{
    private const int WarmUp = 60, Measured = 12, BatchSize = 5, Sequences = 20;
    private static readonly int[] s_order = [.. Enumerable.Range(0, Sequences)];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_step_of_ones_own_allocates_nothing_on_any_thread(int threads)
    {
        Sequential model = TrainedModels.Tagger();
        Loss loss = Loss.SparseCategoricalCrossEntropy();
        var optimizer = new Adam(0.01f);
        var tape = new Tape();
        var reader = new BatchReader(TrainedModels.Tagged());
        AssertNothing(threads, () => tape.AllocatedBytes, step =>
            TrainedModels.Step(model, loss, optimizer, tape, reader, s_order.AsSpan(step * BatchSize % Sequences, BatchSize), step));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_forward_pass_over_whole_sequences_allocates_nothing_on_any_thread(int threads)
    {
        Sequential model = TrainedModels.Tagger();
        var tape = new Tape(recording: false);
        Tensor words = TrainedModels.Tagged().Inputs;
        AssertNothing(threads, () => tape.AllocatedBytes, _ =>
        {
            model.Forward(words, new Pass(tape));
            tape.Reset();
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Steps_of_Fit_allocate_nothing_on_any_thread(int threads) => AssertFitted(threads, TrainedModels.Classifier(), TrainedModels.Classified());

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Steps_of_BERTs_pre_training_allocate_nothing_on_any_thread(int threads) => AssertFitted(threads, TrainedModels.Bert(), TrainedModels.Hidden());

    [Fact]
    public void Shuffled_batches_of_other_lengths_stop_a_tape_growing_at_the_largest()
    {
        Sequential model = TrainedModels.Tagger();
        Loss loss = Loss.SparseCategoricalCrossEntropy();
        var optimizer = new Adam(0.01f);
        var tape = new Tape();
        Dataset data = TrainedModels.Tagged();
        var reader = new BatchReader(data);
        int[] order = [.. Enumerable.Range(0, Sequences)];
        // The longest sequences together need most: after them nothing grows, whatever comes.
        int[] longest = [.. order.OrderByDescending(i => data.Inputs.Lengths[i])];
        for (int i = 0; i < 2; i++) TrainedModels.Step(model, loss, optimizer, tape, reader, longest.AsSpan(0, BatchSize), 0);
        long bytes = tape.AllocatedBytes;
        for (int step = 0; step < 60; step++)
        {
            if (step % 4 == 0) ExampleOrder.Fill(order, shuffle: true, seed: 9, step / 4);
            TrainedModels.Step(model, loss, optimizer, tape, reader, order.AsSpan(step % 4 * BatchSize, BatchSize), step);
            Assert.InRange(tape.AllocatedBytes, 1, bytes);
        }
    }

    [Fact]
    public void The_measurement_sees_what_any_thread_allocates() => DividedWork.On(3, () =>
    {
        var allocations = new TeamAllocations();
        allocations.Start();
        ThreadTeam.Run(new Allocating(new object[3]), 3);
        Assert.All(allocations.Stop(), bytes => Assert.InRange(bytes, 1000, 3000));
        return 0;
    });

    private static void AssertFitted(int threads, Network model, Dataset data)
    {
        const int epochs = 20, epoch = Sequences / BatchSize;
        model.Compile(new Adam(0.01f), [.. model.OutputNames.Select(_ => new OutputSettings(Loss.SparseCategoricalCrossEntropy(), Metric.Accuracy()))]);
        DividedWork.On(threads, () =>
        {
            var watch = new WatchSteps(firstEpoch: WarmUp / epoch);
            model.Fit(data, epochs, BatchSize, shuffle: false, callbacks: [watch], options: new FitOptions { GlobalClipNorm = 1f });
            Assert.Equal((epochs - WarmUp / epoch) * (epoch - 1), watch.Steps);
            Assert.Equal(new long[threads], watch.Bytes);
            return 0;
        });
    }

    private static void AssertNothing(int threads, Func<long> tapeBytes, Action<int> step) => DividedWork.On(threads, () =>
    {
        for (int i = 0; i < WarmUp; i++) step(i);
        var allocations = new TeamAllocations();
        long tape = tapeBytes(), scratch = Workspace.AllocatedBytes;
        allocations.Start();
        for (int i = 0; i < Measured; i++) step(WarmUp + i);
        long[] bytes = allocations.Stop();
        Assert.Equal(new long[threads], bytes);
        Assert.Equal((tape, scratch), (tapeBytes(), Workspace.AllocatedBytes));
        return 0;
    });

    /// <summary>Adds up what the threads allocate between the ends of neighbouring steps of an epoch.</summary>
    private sealed class WatchSteps(int firstEpoch) : Callback
    {
        private readonly TeamAllocations _allocations = new();

        public long[] Bytes { get; private set; } = new long[Threads.Count];

        public int Steps { get; private set; }

        public override void OnBatchEnd(TrainingContext context)
        {
            if (context.Epoch <= firstEpoch) return;
            if (context.Batch > 1)
            {
                Bytes = [.. Bytes.Zip(_allocations.Stop(), (sum, bytes) => sum + bytes)];
                Steps++;
            }
            _allocations.Start();
        }
    }

    private readonly struct Allocating(object[] kept) : ITeamWork
    {
        public void Part(int part, int parts) => kept[part] = new byte[1000];
    }
}

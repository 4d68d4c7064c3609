using Unroll.Autograd;
using Unroll.Data;
using Unroll.Tensors;

namespace Unroll.Tests.Data;

public class DatasetTests
{
    [Fact]
    public void A_batch_holds_the_examples_asked_for_in_that_order()
    {
        var data = new Dataset(
            Tensor.FromArray(new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 }, { 7, 8 } }),
            Tensor.FromArray([10, 20, 30, 40], 4),
            Tensor.FromArray([0.5f, 1, 2, 4], 4));
        var batch = new Batch(new BatchReader(data).Read([2, 0, 3], new Tape()));
        Assert.Equal([5, 6, 1, 2, 7, 8], batch.Inputs.ToArray());
        Assert.Equal([30, 10, 40], batch.Targets.ToArray());
        Assert.Equal([2, 0.5f, 4], batch.Weights!.Value.ToArray());
    }

    [Fact]
    public void Sequences_of_unequal_length_are_cut_to_the_longest_of_the_batch_and_share_one_layout()
    {
        Tensor inputs = Tensor.FromSequences([new float[,] { { 1, 2 } }, new float[,] { { 3, 4 }, { 5, 6 }, { 7, 8 }, { 9, 1 } }, new float[,] { { 2, 3 }, { 4, 5 } }]);
        Tensor targets = Tensor.FromTokens([[7], [1, 2, 3, 4], [5, 6]]);
        var batch = new Batch(new BatchReader(new Dataset(inputs, targets)).Read([0, 2], new Tape()));
        Assert.Equal(new Unroll.Basics.Shape(2, 2, 2), batch.Inputs.Shape);
        Assert.Equal([1, 2], batch.Inputs.Lengths.ToArray());
        Assert.Equal([1, 2, 0, 0, 2, 3, 4, 5], batch.Inputs.ToArray());
        Assert.Equal([7, 0, 5, 6], batch.Targets.ToArray());
        Assert.Same(batch.Inputs.Layout, batch.Targets.Layout);
    }

    [Fact]
    public void Every_example_is_in_one_batch_of_an_epoch_and_epochs_differ()
    {
        int n = 23;
        var data = new Dataset(Tensor.FromArray([.. Enumerable.Range(0, n).Select(i => (float)i)], n, 1), Tensor.Zeros(n));
        float[] Epoch(int epoch, bool shuffle)
        {
            var tape = new Tape();
            var seen = new List<float>();
            foreach (Batch batch in data.Batches(tape, 5, shuffle, seed: 3, epoch))
            {
                seen.AddRange(batch.Inputs.ToArray());
                tape.Reset();
            }
            return [.. seen];
        }
        float[] ordered = [.. Enumerable.Range(0, n).Select(i => (float)i)];
        Assert.Equal(ordered, Epoch(0, shuffle: false));
        Assert.NotEqual(ordered, Epoch(0, shuffle: true));
        Assert.NotEqual(Epoch(0, shuffle: true), Epoch(1, shuffle: true));
        Assert.Equal(Epoch(1, shuffle: true), Epoch(1, shuffle: true));
        Assert.Equal(ordered, Epoch(1, shuffle: true).Order());
    }

    [Fact]
    public void Targets_without_lengths_take_those_of_the_inputs_when_the_model_answers_at_every_step()
    {
        Tensor inputs = Tensor.FromTokens([[1], [2, 3]]);
        Dataset data = new Dataset(inputs, Tensor.FromArray(new float[,] { { 5, 0 }, { 6, 7 } })).WithTargetsFollowingInputs([true]);
        Assert.Equal([1, 2], data.Targets.Lengths.ToArray());
        Assert.Equal(3, data.Targets.StoredLength);
    }

    [Fact]
    public void Several_inputs_have_lengths_of_their_own_and_targets_share_those_that_they_have_too()
    {
        Tensor first = Tensor.FromTokens([[1], [2, 3], [4, 5, 6]]), second = Tensor.FromTokens([[7, 8], [9], [1, 2]]), targets = Tensor.FromTokens([[3, 4], [5], [6, 7]]);
        BatchTensors batch = new BatchReader(new Dataset([first, second], [targets])).Read([0, 2], new Tape());
        Assert.Equal([1, 3], batch.Inputs[0].Lengths.ToArray());
        Assert.Equal([1, 0, 0, 4, 5, 6], batch.Inputs[0].ToArray());
        Assert.Equal([7, 8, 1, 2], batch.Inputs[1].ToArray());
        Assert.Equal([3, 4, 6, 7], batch.Targets[0].ToArray());
        Assert.Same(batch.Inputs[1].Layout, batch.Targets[0].Layout);
        Assert.Null(batch.Weights[0]);
        var both = new Batch(batch);
        Assert.Equal((2, 1), (both.AllInputs.Count, both.AllTargets.Count));
        Assert.Single(new Batch(first, targets, null).AllInputs);
    }

    [Fact]
    public void Unequal_counts_are_refused_with_both()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new Dataset(Tensor.Zeros(4, 2), Tensor.Zeros(3, 1)));
        Assert.Contains("expected 4 targets, one for each input, received 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pair_of_arrays_is_a_data_set()
    {
        Dataset data = (new float[,] { { 1, 2 }, { 3, 4 } }, new float[,] { { 5 }, { 6 } });
        Assert.Equal([5, 6], data.Targets.ToArray());
    }

    [Fact]
    public void Reading_batches_allocates_nothing_once_warm()
    {
        var data = new Dataset(Tensor.FromTokens([[1], [2, 3], [4, 5, 6], [7]]), Tensor.Zeros(4));
        var reader = new BatchReader(data);
        var tape = new Tape();
        int[] order = [2, 1, 3, 0];
        for (int i = 0; i < 3; i++)
        {
            reader.Read(order, tape);
            tape.Reset();
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            reader.Read(order, tape);
            tape.Reset();
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}

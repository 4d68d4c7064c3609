using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Sameness;
using Unroll.Tests.Support;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Long sequences in pieces against whole ones, and against pieces put together by hand.</summary>
[Collection(VectorWidthCollection.Name)]
public sealed class TruncatedBackpropagationTests
{
    private const int Batch = 3, Time = 12, Features = 4;

    private static Sequential Model(float rate, bool stacked = true)
    {
        var model = new Sequential(new Shape(-1, -1, Features), seed: 3) { new Lstm(9, returnSequences: true) };
        if (stacked) model.Add(new Gru(7, returnSequences: true));
        model.Add(new Dense(2));
        model.Compile(new Sgd(rate), Loss.MeanSquaredError());
        return model;
    }

    private static readonly Tensor s_x = Tensor.FromArray(TrainingData.Distinct(Batch * Time * Features), Batch, Time, Features);
    private static readonly Tensor s_y = Tensor.FromArray(TrainingData.Distinct(Batch * Time * 2, 2.3), Batch, Time, 2);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    public void Without_updates_pieces_have_the_loss_of_the_whole_dense_and_ragged(int steps)
    {
        foreach (int[]? lengths in new[] { null, new[] { 7, 12, 0 } })
        {
            Sequential model = Model(0);
            (Tensor x, Tensor y) = lengths is null ? (s_x, s_y) : (s_x.WithLengths(lengths), s_y.WithLengths(lengths));
            double whole = model.Evaluate(new Dataset(x, y)).Loss;
            Assert.Equal(whole, new TruncatedBackpropagation(model, steps).Train(x, y), 1e-7);
            Assert.Equal(whole, new TruncatedBackpropagation(model, steps, 3 * steps).Train(x, y), 1e-7);
        }
    }

    [Fact]
    public void One_piece_is_a_step_of_Fit()
    {
        Sequential fitted = Model(0.3f), pieces = Model(0.3f);
        fitted.Fit(new Dataset(s_x, s_y), batchSize: Batch, shuffle: false);
        new TruncatedBackpropagation(pieces, Time).Train(s_x, s_y);
        Assert.Null(TrainedModels.FirstDifference(fitted, pieces));
    }

    [Fact]
    public void Calls_go_on_where_the_last_one_ended_until_the_state_is_reset()
    {
        Sequential whole = Model(0.3f), called = Model(0.3f);
        new TruncatedBackpropagation(whole, 4).Train(s_x, s_y);
        var trainer = new TruncatedBackpropagation(called, 4);
        var tape = new Tape();
        double[] losses = [.. new[] { 0, 4, 8 }.Select(t => trainer.Train(TimePiece.Of(tape, s_x, t, t + 4), TimePiece.Of(tape, s_y, t, t + 4)))];
        Assert.Null(TrainedModels.FirstDifference(whole, called));
        Assert.Equal(3, trainer.Updates);
        Sequential still = Model(0);
        var other = new TruncatedBackpropagation(still, 4);
        double first = other.Train(s_x, s_y);
        Assert.NotEqual(first, other.Train(s_x, s_y));
        other.Reset();
        Assert.Equal(first, other.Train(s_x, s_y));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_gradient_goes_back_k2_steps_from_the_loss_of_the_last_k1(int pieces)
    {
        // By hand: layer by layer with a state that is a number, and weights of zero on the steps before.
        const int steps = 2;
        Sequential found = Model(0.3f, stacked: false), expected = Model(0.3f, stacked: false);
        new TruncatedBackpropagation(found, steps, pieces * steps).Train(s_x, s_y);

        var lstm = (Lstm)expected.Layers[0];
        var dense = (Dense)expected.Layers[1];
        var optimizer = new Sgd(0.3f);
        var starts = new List<(float[] Hidden, float[] Cell)> { (new float[Batch * 9], new float[Batch * 9]) };
        for (int start = 0; start < Time; start += steps)
        {
            int back = Math.Max(0, start + steps - pieces * steps);
            var tape = new Tape();
            (float[] hidden, float[] cell) = starts[back / steps];
            var pass = new Pass(tape, Training: true);
            (Tensor h, RecurrentState final) = lstm.ForwardWithState(TimePiece.Of(tape, s_x, back, start + steps),
                new RecurrentState(Tensor.FromArray(hidden, Batch, 9), Tensor.FromArray(cell, Batch, 9)), pass);
            float[] weights = [.. Enumerable.Range(0, Batch).SelectMany(_ => Enumerable.Range(back, start + steps - back).Select(t => t < start ? 0f : 1f))];
            tape.Backward(Loss.MeanSquaredError().Of(dense.Forward(h, pass), TimePiece.Of(tape, s_y, back, start + steps), Tensor.FromArray(weights, Batch, start + steps - back)));
            starts.Add((final.Hidden.ToArray(), final.Carry!.Value.ToArray()));
            optimizer.Step(expected.Parameters);
        }
        for (int p = 0; p < found.Parameters.Count; p++)
            Assert.Equal(expected.Parameters[p].ToArray(), found.Parameters[p].ToArray(), (a, b) => MathF.Abs(a - b) <= 1e-6f);
    }

    [Fact]
    public void One_observation_at_a_time_is_a_sequence_in_pieces_of_one_and_allocates_nothing()
    {
        Sequential whole = Model(0.1f), observed = Model(0.1f);
        new TruncatedBackpropagation(whole, 1).Train(TimePiece.Of(new Tape(), Tensor.FromArray(s_x.ToArray(), 1, Batch * Time, Features), 0, Batch * Time), Tensor.FromArray(s_y.ToArray(), 1, Batch * Time, 2));
        var trainer = new TruncatedBackpropagation(observed, 1);
        float[] x = s_x.ToArray(), y = s_y.ToArray();
        for (int t = 0; t < Batch * Time; t++) trainer.Observe(x.AsSpan(t * Features, Features), y.AsSpan(t * 2, 2));
        Assert.Null(TrainedModels.FirstDifference(whole, observed));
        for (int i = 0; i < 60; i++) trainer.Observe(x.AsSpan(0, Features), y.AsSpan(0, 2));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++) trainer.Observe(x.AsSpan(0, Features), y.AsSpan(0, 2));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void A_checkpoint_between_calls_goes_on_to_the_same_bits()
    {
        using var file = new TemporaryFile("");
        static Sequential Dropping()
        {
            var model = new Sequential(new Shape(-1, -1, Features), seed: 3) { new Stack(new Lstm(9, returnSequences: true) { Dropout = 0.3f }, new Gru(7, returnSequences: true)), new Dense(2) };
            model.Compile(new Adam(0.01f), Loss.MeanSquaredError());
            return model;
        }
        Sequential whole = Dropping(), stopped = Dropping(), resumed = Dropping();
        var first = new TruncatedBackpropagation(whole, 3, 6, seed: 8);
        double expected = 0;
        for (int call = 0; call < 3; call++) expected = first.Train(s_x, s_y);
        var second = new TruncatedBackpropagation(stopped, 3, 6, seed: 8);
        second.Train(s_x, s_y);
        second.Train(s_x, s_y);
        second.Save(file.Path);
        var third = new TruncatedBackpropagation(resumed, 3, 6, seed: 8);
        third.Load(file.Path);
        Assert.Equal(second.Updates, third.Updates);
        Assert.Equal(expected, third.Train(s_x, s_y));
        Assert.Null(TrainedModels.FirstDifference(whole, resumed));
        Assert.Contains("steps", Assert.Throws<Unroll.Files.ModelFileException>(() => new TruncatedBackpropagation(Dropping(), 3, seed: 8).Load(file.Path)).Message, StringComparison.Ordinal);
        whole.Save(file.Path);
        Assert.Contains("expected a checkpoint of truncated backpropagation", Assert.Throws<Unroll.Files.ModelFileException>(() => third.Load(file.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pieces_are_the_same_bits_on_any_threads_at_every_width() => SameBits.AssertFor(() =>
    {
        Sequential model = Model(0.3f);
        new TruncatedBackpropagation(model, 3, 6, new FitOptions { GlobalClipNorm = 1 }).Train(s_x.WithLengths([5, 12, 9]), s_y.WithLengths([5, 12, 9]));
        return model;
    });

    [Fact]
    public void What_cannot_be_truncated_is_refused()
    {
        static string Refusal(Action act) => Assert.ThrowsAny<Exception>(act).Message;
        Assert.Contains("a multiple of it, received 5", Refusal(() => _ = new TruncatedBackpropagation(Model(0), 2, 5)), StringComparison.Ordinal);
        Assert.Contains("at least 1 step, received 0", Refusal(() => _ = new TruncatedBackpropagation(Model(0), 0)), StringComparison.Ordinal);
        Assert.Contains("expected targets for every step", Refusal(() => new TruncatedBackpropagation(Model(0), 2).Train(s_x, Tensor.Zeros(Batch, 2))), StringComparison.Ordinal);
        Assert.Contains("expected weights [3, 12]", Refusal(() => new TruncatedBackpropagation(Model(0), 2).Train(s_x, s_y, Tensor.Zeros(Batch))), StringComparison.Ordinal);
        var trainer = new TruncatedBackpropagation(Model(0), 2);
        trainer.Train(s_x, s_y);
        Assert.Contains("Call Reset", Refusal(() => trainer.Train(Tensor.Zeros(1, 2, Features), Tensor.Zeros(1, 2, 2))), StringComparison.Ordinal);
        foreach (Layer layer in new Layer[] { new Bidirectional(new Gru(3, returnSequences: true)), new Gru(3, returnSequences: true) { GoBackwards = true } })
        {
            var model = new Sequential(new Shape(-1, -1, Features)) { layer, new Dense(2) };
            model.Compile(new Sgd(), Loss.MeanSquaredError());
            Assert.Contains("no state can be carried into it", Refusal(() => new TruncatedBackpropagation(model, 2).Train(s_x, s_y)), StringComparison.Ordinal);
        }
    }
}

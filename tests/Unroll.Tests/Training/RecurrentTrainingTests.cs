using Unroll.Data;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Training on sequences of unequal length, of whole sequences and of every step.</summary>
public sealed class RecurrentTrainingTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_path);

    private static readonly int[][] s_sentences = [.. Enumerable.Range(0, 17).Select(i => Enumerable.Range(0, 1 + i * 5 % 7).Select(t => (i * 7 + t * t * 3) % 11).ToArray())];

    /// <summary>The class of a sentence, or of each word so far, is whether its ids' sum is odd.</summary>
    private static Dataset Sentences(bool everyStep) => new(Tensor.FromTokens(s_sentences), everyStep
        ? Tensor.FromTokens([.. s_sentences.Select(words => words.Select((_, t) => words[..(t + 1)].Sum() % 2).ToArray())])
        : Tensor.FromArray([.. s_sentences.Select(words => (float)(words.Sum() % 2))], s_sentences.Length));

    private static Sequential Model(bool everyStep)
    {
        var model = new Sequential(seed: 3) { new Embedding(11, 5), new Lstm(6, returnSequences: true), new Dropout(0.2f), new Gru(7, returnSequences: everyStep), new Dense(2, Activation.Softmax) };
        model.Compile(new Adam(0.01f), Loss.SparseCategoricalCrossEntropy(), Metric.Accuracy());
        return model;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Batches_of_ragged_sequences_score_as_the_sequences_one_by_one(bool everyStep)
    {
        Sequential model = Model(everyStep);
        Dataset data = Sentences(everyStep);
        float[] targets = data.Targets.ToArray(), answers = model.Predict(data.Inputs).ToArray();
        double loss = 0;
        int count = 0, right = 0;
        for (int i = 0; i < s_sentences.Length; i++)
        {
            float[] alone = model.Predict(Tensor.FromTokens([s_sentences[i]])).ToArray();
            int steps = everyStep ? s_sentences[i].Length : 1, stride = everyStep ? 7 : 1;
            Assert.Equal(alone, answers.AsSpan(i * stride * 2, steps * 2).ToArray());
            for (int t = 0; t < steps; t++)
            {
                int target = (int)targets[i * stride + t];
                loss -= Math.Log(alone[2 * t + target]);
                right += alone[2 * t + target] > alone[2 * t + 1 - target] ? 1 : 0;
                count++;
            }
        }
        Evaluation scores = model.Evaluate(data, batchSize: 4);
        Assert.Equal(loss / count, scores.Loss, 1e-5);
        Assert.Equal((double)right / count, scores["accuracy"], 1e-12);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_resumed_training_ends_in_the_same_bytes(bool everyStep)
    {
        Sequential whole = Model(everyStep);
        whole.Fit(Sentences(everyStep), 3, 4, seed: 8);
        var checkpoint = new CheckpointOptions(_path, EveryBatches: 1);
        Sequential resumed = Model(everyStep);
        for (int cuts = 0; ; cuts++)
        {
            using var source = new CancellationTokenSource();
            resumed = Model(everyStep);
            try
            {
                resumed.Fit(Sentences(everyStep), 3, 4, seed: 8, checkpoint: checkpoint, resume: true, cancellation: source.Token,
                    callbacks: [new CancelAfter(source, cuts + 1)]);
                break;
            }
            catch (OperationCanceledException)
            {
                Assert.True(cuts < 15);
            }
        }
        Assert.Equal(TrainingData.Bytes(whole), TrainingData.Bytes(resumed));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Saved_and_loaded_answers_alike(bool everyStep)
    {
        Sequential model = Model(everyStep);
        model.Fit(Sentences(everyStep), 1);
        model.Save(_path);
        Assert.Equal(model.Predict(Sentences(everyStep).Inputs).ToArray(), Sequential.Load(_path).Predict(Sentences(everyStep).Inputs).ToArray());
    }

    [Fact]
    public void A_step_on_ragged_sequences_allocates_nothing_once_warm()
    {
        Sequential model = Model(everyStep: true);
        Dataset data = Sentences(everyStep: true);
        var step = new TrainingStep(model, model.Compiled!.Optimizer!, new BatchScore(model, model.Compiled!, null), new BatchReader(data), new FitOptions(), stopAtNonFinite: false);
        int[] order = [.. Enumerable.Range(0, 17)];
        for (int i = 0; i < 60; i++) step.Run(order.AsSpan(i % 4 * 4, 4), 1, i, (1, i));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 12; i++) step.Run(order.AsSpan(i % 4 * 4, 4), 1, i, (1, i));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private sealed class CancelAfter(CancellationTokenSource source, int steps) : Callback
    {
        private int _seen;

        public override void OnBatchEnd(TrainingContext context)
        {
            if (++_seen == steps) source.Cancel();
        }
    }

    [Fact]
    public void The_padding_row_stays_zero_and_is_no_step()
    {
        int[][] ids = [[1, 2, 0], [3, 1, 2], [2, 0, 0], [3, 3, 0]];
        float[,] y = { { 0.5f }, { -0.3f }, { 0.8f }, { 0.1f } };
        var targets = Tensor.FromArray(y);
        Sequential Trained(Tensor inputs)
        {
            var model = new Sequential(seed: 4) { new Embedding(4, 3, paddingIndex: 0), new Lstm(5), new Dense(1) };
            model.Compile(new Adam(0.05f), Loss.MeanSquaredError());
            model.Fit(new Dataset(inputs, targets), epochs: 5, batchSize: 2);
            return model;
        }
        Sequential padded = Trained(Tensor.FromArray([.. ids.SelectMany(row => row.Select(id => (float)id))], 4, 3));
        Sequential ragged = Trained(Tensor.FromTokens([.. ids.Select(row => row.Where(id => id != 0).ToArray())]));
        float[] table = padded.Parameters[0].ToArray(), first = new Sequential(seed: 4) { new Embedding(4, 3, paddingIndex: 0) }.Parameters[0].ToArray();
        Assert.Equal([0f, 0f, 0f], table[..3]);
        for (int i = 3; i < table.Length; i++) Assert.NotEqual(first[i], table[i]);
        for (int i = 0; i < padded.Parameters.Count; i++) Assert.Equal(ragged.Parameters[i].ToArray(), padded.Parameters[i].ToArray());
        // Between words it is a step like any other, and yet not trained.
        float[] between = Trained(Tensor.FromArray([1, 0, 2, 3, 0, 2, 2, 1, 3, 0, 3, 1], 4, 3)).Parameters[0].ToArray();
        Assert.Equal([0f, 0f, 0f], between[..3]);
        Assert.NotEqual(table[3..], between[3..]);
    }

    [Fact]
    public void A_weight_a_step_counts_in_the_mean_of_the_real_steps()
    {
        var model = new Sequential(new Unroll.Basics.Shape(-1, -1, 2)) { new Dense(1, useBias: false) };
        model.Parameters[0].Set([2f, -1f]);
        model.Compile(new Sgd(0f), Loss.MeanAbsoluteError(), Metric.MeanAbsoluteError());
        float[] x = [1, 2, 3, 0.5f, 9, 9, -1, 1, 2, 2, 0.5f, 3], y = [1, 2, 7, -3, 0.5f, 4], w = [2, 0.5f, 99, 1, 0, 3];
        int[] lengths = [2, 3];
        var data = new Dataset(Tensor.FromArray(x, 2, 3, 2).WithLengths(lengths), Tensor.FromArray(y, 2, 3, 1), Tensor.FromArray(w, 2, 3));
        double sum = 0, total = 0;
        for (int sample = 0; sample < 2; sample++)
        {
            for (int step = 0; step < lengths[sample]; step++)
            {
                int i = 3 * sample + step;
                sum += w[i] * Math.Abs(2 * x[2 * i] - x[2 * i + 1] - y[i]);
                total += w[i];
            }
        }
        EpochResult epoch = model.Fit(data).Epochs[0];
        Assert.Equal(sum / total, epoch.Loss, 1e-6);
        Assert.Equal(sum / total, epoch["mean_absolute_error"], 1e-6);
        Assert.Equal(sum / total, model.Evaluate(data, batchSize: 1).Loss, 1e-6);
    }
}

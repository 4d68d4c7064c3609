using Unroll.Autograd;
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
using static Unroll.Tests.Training.TrainingData;

namespace Unroll.Tests.Training;

public class NetworkTrainingTests
{
    private static Sequential Line(float slope, float offset)
    {
        var model = new Sequential(new Unroll.Basics.Shape(-1, 1)) { new Dense(1) };
        model.Parameters[0].Set([slope]);
        model.Parameters[1].Set([offset]);
        return model;
    }

    [Fact]
    public void One_step_is_the_gradient_worked_by_hand()
    {
        Sequential model = Line(0.5f, 0.25f);
        model.Compile(new Sgd(0.1f), Loss.MeanSquaredError());
        float[] x = [1, -2, 3], y = [2, 1, -1];
        History history = model.Fit(Tensor.FromArray(x, 3, 1), Tensor.FromArray(y, 3, 1), batchSize: 3);
        double loss = 0, slope = 0, offset = 0;
        for (int i = 0; i < 3; i++)
        {
            double error = 0.5 * x[i] + 0.25 - y[i];
            loss += error * error / 3;
            slope += 2 * error * x[i] / 3;
            offset += 2 * error / 3;
        }
        Assert.Equal(loss, history.Epochs[0].Loss, 1e-6);
        Assert.Equal(0.5 - 0.1 * slope, model.Parameters[0].ToArray()[0], 1e-6);
        Assert.Equal(0.25 - 0.1 * offset, model.Parameters[1].ToArray()[0], 1e-6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Loss_and_metrics_of_an_epoch_count_every_example_alike_in_a_partial_last_batch_too(int batchSize)
    {
        Sequential model = Line(0.5f, 0.25f);
        model.Compile(new Sgd(0f), Loss.MeanSquaredError(), Metric.MeanAbsoluteError());
        float[] x = [1, -2, 3, 0.5f, 7], y = [2, 1, -1, 4, 0];
        Dataset data = new(Tensor.FromArray(x, 5, 1), Tensor.FromArray(y, 5, 1));
        EpochResult epoch = model.Fit(data, batchSize: batchSize).Epochs[0];
        double squared = 0, absolute = 0;
        for (int i = 0; i < 5; i++)
        {
            double error = 0.5 * x[i] + 0.25 - y[i];
            squared += error * error / 5;
            absolute += Math.Abs(error) / 5;
        }
        Assert.Equal(squared, epoch.Loss, 1e-5);
        Assert.Equal(absolute, epoch["mean_absolute_error"], 1e-5);
        Assert.Equal(squared, model.Evaluate(data, batchSize).Loss, 1e-5);
    }

    [Fact]
    public void Sample_and_class_weights_multiply_and_divide_the_mean()
    {
        var model = new Sequential(new Unroll.Basics.Shape(-1, 2)) { new Dense(2) };
        model.Parameters[0].Set([1, 0, 0, 1]);
        model.Compile(new Sgd(0f), Loss.SparseCategoricalCrossEntropy());
        float[,] x = { { 1, 0.5f }, { -1, 2 }, { 0.3f, 0.1f } };
        float[] y = [0, 1, 1], w = [2, 0.5f, 1];
        var data = new Dataset(Tensor.FromArray(x), Tensor.FromArray(y, 3), Tensor.FromArray(w, 3));
        var options = new FitOptions { ClassWeights = new Dictionary<int, float> { [1] = 3 } };
        double sum = 0, weight = 0;
        for (int i = 0; i < 3; i++)
        {
            double a = Math.Exp(x[i, 0]), b = Math.Exp(x[i, 1]), total = w[i] * (y[i] == 1 ? 3 : 1);
            sum -= total * Math.Log((y[i] == 0 ? a : b) / (a + b));
            weight += total;
        }
        Assert.Equal(sum / weight, model.Fit(data, batchSize: 2, options: options).Epochs[0].Loss, 1e-6);
    }

    [Fact]
    public void A_closing_softmax_is_computed_with_the_loss_and_Predict_gives_probabilities()
    {
        Dataset data = Classes(20);
        Sequential closed = Classifier(dropout: 0), open = new(seed: 5) { new Dense(8, Activation.Tanh), new Dropout(0), new Dense(3) };
        closed.Compile("adam", "sparse_categorical_crossentropy", "accuracy");
        open.Compile("adam", "sparse_categorical_crossentropy", "accuracy");
        Assert.Equal(open.Fit(data, epochs: 3, batchSize: 8)["accuracy"], closed.Fit(data, epochs: 3, batchSize: 8)["accuracy"]);
        for (int i = 0; i < closed.Parameters.Count; i++) Assert.Equal(open.Parameters[i].ToArray(), closed.Parameters[i].ToArray());

        float[] probabilities = closed.Predict(data.Inputs).ToArray(), logits = open.Predict(data.Inputs).ToArray();
        for (int row = 0; row < 20; row++)
        {
            double sum = Enumerable.Range(0, 3).Sum(c => Math.Exp(logits[3 * row + c]));
            for (int c = 0; c < 3; c++) Assert.Equal(Math.Exp(logits[3 * row + c]) / sum, probabilities[3 * row + c], 1e-6);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Accuracy_by_name_has_the_right_threshold_for_probabilities_and_for_logits(bool sigmoid)
    {
        var model = new Sequential(new Unroll.Basics.Shape(-1, 1)) { new Dense(1, sigmoid ? Activation.Sigmoid : null) };
        model.Parameters[0].Set([1]);
        model.Compile("sgd", "binary_crossentropy", "accuracy");
        // The logits 0.2 and 0.4 are above 0 and below 0.5: class 1.
        var data = new Dataset(Tensor.FromArray([0.2f, 0.4f, -0.3f, 2], 4, 1), Tensor.FromArray([1, 1, 1, 1], 4, 1));
        Assert.Equal(0.75, model.Evaluate(data)["accuracy"]);
    }

    [Fact]
    public void A_loss_that_does_not_fit_the_last_activation_is_refused()
    {
        var model = new Sequential { new Dense(3, Activation.Sigmoid) };
        ArgumentException error = Assert.Throws<ArgumentException>(() => model.Compile("adam", "categorical_crossentropy"));
        Assert.Contains("ends in 'sigmoid'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_validation_split_is_the_last_part_and_is_not_trained_on()
    {
        Dataset all = Classes(20);
        float[] x = all.Inputs.ToArray(), y = all.Targets.ToArray();
        Dataset Part(int start, int end) => new(Tensor.FromArray(x.AsSpan(4 * start, 4 * (end - start)), end - start, 4), Tensor.FromArray(y.AsSpan(start, end - start), end - start));
        Sequential split = Compiled(), given = Compiled();
        History a = split.Fit(all, epochs: 2, batchSize: 6, validationSplit: 0.25);
        History b = given.Fit(Part(0, 15), epochs: 2, batchSize: 6, validation: Part(15, 20));
        Assert.Equal(b["val_loss"], a["val_loss"]);
        Assert.Equal(b["loss"], a["loss"]);
        Assert.Equal(Bytes(given), Bytes(split));
    }

    [Fact]
    public void Equal_seeds_give_equal_files_and_other_seeds_others()
    {
        byte[] Train(ulong seed, bool shuffle = true)
        {
            Sequential model = Compiled();
            model.Fit(Classes(20), epochs: 2, batchSize: 6, seed: seed, shuffle: shuffle);
            return Bytes(model);
        }
        Assert.Equal(Train(1), Train(1));
        Assert.NotEqual(Train(1), Train(2));
        Assert.NotEqual(Train(1), Train(1, shuffle: false));
    }

    [Fact]
    public void Epochs_in_two_calls_are_the_epochs_of_one()
    {
        Sequential once = Compiled(), twice = Compiled();
        once.Fit(Classes(20), epochs: 4, batchSize: 6);
        twice.Fit(Classes(20), epochs: 1, batchSize: 6);
        History rest = twice.Fit(Classes(20), epochs: 4, batchSize: 6, options: new FitOptions { InitialEpoch = 1 });
        Assert.Equal([2, 3, 4], rest.Epochs.Select(epoch => epoch.Epoch));
        Assert.Equal(Bytes(once), Bytes(twice));
    }

    [Fact]
    public void A_loop_of_ones_own_gives_the_bits_of_Fit()
    {
        Dataset train = Classes(20);
        Sequential fitted = Compiled(), model = Compiled();
        fitted.Fit(train, epochs: 2, batchSize: 6, seed: 9, options: new FitOptions { GlobalClipNorm = 0.1f });

        var optimizer = new Adam(0.01f);
        Loss crossEntropy = Loss.SparseCategoricalCrossEntropy();
        var tape = new Tape();
        long step = 0;
        for (int epoch = 0; epoch < 2; epoch++)
        {
            foreach (Batch batch in train.Batches(tape, batchSize: 6, shuffle: true, seed: 9, epoch))
            {
                Tensor logits = model.ForwardBeforeActivation(batch.Inputs, new Pass(tape, Training: true, Seed: 9, Step: step++));
                Tensor loss = crossEntropy.Of(logits, batch.Targets);
                tape.Backward(loss);
                GradientClipping.ByGlobalNorm(model.Parameters, 0.1f);
                optimizer.Step(model.Parameters);
                tape.Reset();
            }
        }
        for (int i = 0; i < model.Parameters.Count; i++) Assert.Equal(fitted.Parameters[i].ToArray(), model.Parameters[i].ToArray());
    }

    [Fact]
    public void Training_learns()
    {
        Dataset train = Classes(200);
        Sequential model = Compiled(dropout: 0);
        History history = model.Fit(train, epochs: 60, batchSize: 16);
        Assert.True(history["loss"][^1] < 0.3 * history["loss"][0]);
        Assert.True(model.Evaluate(train)["accuracy"] > 0.9);
    }

    [Theory]
    [InlineData(0f, false, false)]
    [InlineData(0.3f, false, false)]
    [InlineData(0f, true, false)]
    [InlineData(0f, false, true)]
    [InlineData(0.3f, true, true)]
    public void A_step_allocates_nothing_once_warm(float dropout, bool metrics, bool classWeights)
    {
        Sequential model = Classifier(dropout: dropout);
        model.Compile(new Adam(), Loss.SparseCategoricalCrossEntropy(), metrics ? [Metric.Accuracy(), Metric.F1()] : []);
        Dataset train = Classes(24);
        model.BuildFor(train.Inputs.Shape);
        var score = new BatchScore(model, model.Compiled!, classWeights ? new Dictionary<int, float> { [1] = 2 } : null);
        var step = new TrainingStep(model, model.Compiled!.Optimizer!, score, new BatchReader(train),
            new FitOptions { ClipValue = 1, ClipNorm = 1, GlobalClipNorm = 1 }, stopAtNonFinite: true);
        int[] order = [.. Enumerable.Range(0, 24)];
        for (int i = 0; i < 40; i++) step.Run(order.AsSpan(i % 2 * 6, 6), 1, i, (1, i));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++) step.Run(order.AsSpan(i % 2 * 6, 6), 1, i, (1, i));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Fit_without_Compile_says_what_to_do()
    {
        Assert.Contains("call Compile", Assert.Throws<InvalidOperationException>(() => Classifier().Fit(Classes(4))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Frozen_layers_keep_their_weights()
    {
        Sequential model = Compiled();
        model.Build(new Unroll.Basics.Shape(-1, 4));
        model.Layers[0].Trainable = false;
        float[] frozen = model.Parameters[0].ToArray(), head = model.Parameters[2].ToArray();
        model.Fit(Classes(12), epochs: 2);
        Assert.Equal(frozen, model.Parameters[0].ToArray());
        Assert.NotEqual(head, model.Parameters[2].ToArray());
    }

    [Fact]
    public void Ignored_targets_do_not_count_when_batches_are_averaged()
    {
        var model = new Sequential(new Unroll.Basics.Shape(-1, 2)) { new Dense(2) };
        model.Parameters[0].Set([1, 0, 0, 1]);
        model.Compile(new Sgd(0f), Loss.SparseCategoricalCrossEntropy());
        float[,] x = { { 1, 0.5f }, { -1, 2 }, { 0.3f, 0.1f } };
        var data = new Dataset(Tensor.FromArray(x), Tensor.FromArray([0, -100, 1], 3));
        double expected = (Math.Log(1 + Math.Exp(0.5 - 1)) + Math.Log(1 + Math.Exp(0.3 - 0.1))) / 2;
        Assert.Equal(expected, model.Evaluate(data, batchSize: 2).Loss, 1e-6);
    }
}

using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;
using Unroll.Tests.Support;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Functional models through Fit, Evaluate and what belongs to them; the loops are those of a sequential.</summary>
[Collection(VectorWidthCollection.Name)]
public sealed class ModelTrainingTests
{
    private const int Count = 12;

    [Fact]
    public void The_loss_is_the_weighted_sum_of_the_outputs_losses()
    {
        Model model = Made();
        Evaluation scores = model.Evaluate(Examples(), batchSize: 5);
        Assert.Equal(["loss", "shares_loss", "size_loss", "shares_accuracy", "size_mae"], scores.Values.Select(pair => pair.Key));
        Assert.Equal(scores["shares_loss"] + 0.25 * scores["size_loss"], scores.Loss, 1e-9);
        Tensor[] answers = Unroll.Inference.NetworkInference.Predict(model, Examples().AllInputs);
        float[] shares = answers[0].ToArray(), sizes = answers[1].ToArray(), classes = Examples().AllTargets[0].ToArray(), targets = Examples().AllTargets[1].ToArray();
        Assert.Equal(classes.Select((c, i) => -Math.Log(shares[3 * i + (int)c])).Average(), scores["shares_loss"], 1e-5);
        Assert.Equal(targets.Select((t, i) => Math.Pow(t - sizes[i], 2)).Average(), scores["size_loss"], 1e-5);
        Assert.Equal(targets.Select((t, i) => Math.Abs((double)t - sizes[i])).Average(), scores["size_mae"], 1e-5);
        // In a step the gradient is that of the sum.
        var tape = new Tape();
        model.Compile(new Sgd(0.1f), [new OutputSettings(Loss.SparseCategoricalCrossEntropy()) { Weight = 0 }, new OutputSettings(Loss.MeanSquaredError()) { Weight = 2 }]);
        var score = new BatchScore(model, model.Compiled!, null);
        tape.Backward(score.Forward(new BatchReader(Examples()).Read([0, 1, 2], tape), new Pass(tape)));
        Assert.All(model.Parameters.Where(p => p.Name.StartsWith("shares", StringComparison.Ordinal)), p => Assert.Equal(new float[p.Count], p.GradientToArray()));
        Assert.Equal(4.0 / 3 * Enumerable.Range(0, 3).Sum(i => (double)sizes[i] - targets[i]), model.Parameters.Single(p => p.Name == "size/bias").GradientToArray()[0], 1e-5);
    }

    [Fact]
    public void A_model_of_two_inputs_and_outputs_learns()
    {
        Model model = Made();
        History history = model.Fit(Examples(), epochs: 60, batchSize: 4, validation: Examples());
        Assert.Equal(["loss", "shares_loss", "size_loss", "shares_accuracy", "size_mae", "val_loss", "val_shares_loss", "val_size_loss", "val_shares_accuracy", "val_size_mae"], history.Epochs[0].Values.Select(pair => pair.Key));
        Assert.True(history.Epochs[^1].Loss < 0.1 * history.Epochs[0].Loss, $"{history.Epochs[0].Loss} to {history.Epochs[^1].Loss}");
        Assert.Equal(1, history.Epochs[^1]["val_shares_accuracy"]);
    }

    [Fact]
    public void A_resumed_model_has_the_weights_of_one_never_stopped()
    {
        using var file = new TemporaryFile("");
        Model whole = Made(), stopped = Made(), resumed = Made();
        whole.Fit(Examples(), epochs: 4, batchSize: 5, seed: 3);
        stopped.Fit(Examples(), epochs: 2, batchSize: 5, seed: 3, checkpoint: new CheckpointOptions(file.Path));
        resumed.Fit(Examples(), epochs: 4, batchSize: 5, seed: 3, checkpoint: new CheckpointOptions(file.Path), resume: true);
        Assert.Equal(whole.Parameters.SelectMany(p => p.ToArray()), resumed.Parameters.SelectMany(p => p.ToArray()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_step_of_a_model_allocates_nothing_on_any_thread(int threads) => DividedWork.On(threads, () =>
    {
        Model model = Made();
        var tape = new Tape();
        var step = new TrainingStep(model, model.Compiled!.Optimizer!, new BatchScore(model, model.Compiled!, null), new BatchReader(Examples()), new FitOptions { GlobalClipNorm = 1 }, stopAtNonFinite: true, tape);
        int[] order = [.. Enumerable.Range(0, Count)];
        for (int i = 0; i < 120; i++) step.Run(order.AsSpan(i % 3 * 4, 4), 1, i, (1, i));
        var allocations = new TeamAllocations();
        long native = tape.AllocatedBytes;
        allocations.Start();
        for (int i = 0; i < 12; i++) step.Run(order.AsSpan(i % 3 * 4, 4), 1, i, (1, i));
        long[] bytes = allocations.Stop();
        Assert.Equal(new long[threads], bytes);
        Assert.Equal(native, tape.AllocatedBytes);
        return 0;
    });

    [Fact]
    public void The_memory_of_a_model_is_what_a_step_rents()
    {
        Model model = Made();
        MemoryPlan plan = MemoryPlan.ForTraining(model, 4, 6), prediction = MemoryPlan.ForInference(model, 4, 6);
        Assert.Equal((4, 6), (plan.Batch, plan.Steps));
        var tape = new Tape();
        var data = new Dataset([Tensor.FromArray([.. Enumerable.Repeat(1f, 24)], 4, 6), Tensor.Zeros(4, 2)], [Tensor.Zeros(4), Tensor.Zeros(4, 1)]);
        var score = new BatchScore(model, model.Compiled!, null);
        BatchTensors batch = new BatchReader(data).Read([0, 1, 2, 3], tape);
        var pass = new Pass(tape, Training: true);
        Tensor loss = score.Forward(batch, pass);
        long forward = tape.UsedBytes;
        tape.Backward(loss);
        score.Add(batch, pass);
        Assert.Equal((forward, tape.UsedBytes), (plan.Activations, plan.Activations + plan.ActivationGradients + plan.Scratch));
        Assert.InRange(prediction.Activations, 1, plan.Activations - 1);
    }

    [Fact]
    public void Where_a_number_is_not_finite_the_layer_of_the_graph_is_named()
    {
        Model model = Made();
        model.Layers.Single(layer => layer.Name == "size").Parameters[0].Set([.. Enumerable.Repeat(3e38f, 6)]);
        model.Layers.Single(layer => layer.Name == "joined").Parameters[1].Set([.. Enumerable.Repeat(9f, 6)]);
        var error = Assert.Throws<TrainingDivergedException>(() => model.Fit(Examples(), callbacks: [new TerminateOnNaN()]));
        Assert.Equal("size", error.Place);

        // The first of several layers is named.
        LayerOutput x = Input.Of(new Shape(-1, 2));
        var early = new Model(x, new Dense(1, name: "third").Of(new Dense(2, name: "second").Of(new Dense(2, kernelInitializer: new Constant(3e38f), name: "first").Of(x))));
        early.Compile("sgd", "mse");
        error = Assert.Throws<TrainingDivergedException>(() => early.Fit((Tensor.FromArray([5f, 5f], 1, 2), Tensor.FromArray([1f], 1, 1)), callbacks: [new TerminateOnNaN()]));
        Assert.Equal("first", error.Place);
    }

    [Fact]
    public void Targets_of_every_step_follow_the_input_whose_steps_they_have()
    {
        LayerOutput x = Input.Of(new Shape(-1, -1, 2)), other = Input.Of(new Shape(-1, -1, 2));
        LayerOutput context = new RepeatVector(4).Of(new Gru(3).Of(other));
        var model = new Model([x, other], [new Dense(1).Of(new Gru(3, returnSequences: true).Of(x)), new Dense(1).Of(context)], seed: 3);
        model.Compile(new Sgd(0.1f), [new OutputSettings(Loss.MeanSquaredError()), new OutputSettings(Loss.MeanSquaredError())]);
        Tensor[] inputs = [Tensor.FromArray(RecurrentData.Numbers(30, 1, 1), 3, 5, 2).WithLengths([2, 5, 1]), Tensor.FromArray(RecurrentData.Numbers(36, 2, 1), 3, 6, 2).WithLengths([6, 1, 2])];
        float[] everyStep = RecurrentData.Numbers(15, 3, 1), four = RecurrentData.Numbers(12, 4, 1);
        Evaluation scores = model.Evaluate((inputs, [Tensor.FromArray(everyStep, 3, 5, 1), Tensor.FromArray(four, 3, 4, 1)]), batchSize: 1);
        float[][] answers = [.. Unroll.Inference.NetworkInference.Predict(model, inputs).Select(tensor => tensor.ToArray())];
        int[] real = [0, 1, 5, 6, 7, 8, 9, 10];
        Assert.Equal(real.Average(i => Math.Pow(answers[0][i] - everyStep[i], 2)), scores["dense_loss"], 1e-6);
        Assert.Equal(four.Select((target, i) => Math.Pow(answers[1][i] - target, 2)).Average(), scores["dense_1_loss"], 1e-6);
    }

    [Fact]
    public void Other_numbers_of_inputs_outputs_and_losses_are_refused()
    {
        Model model = Made();
        void Refused(Action action, string message) => Assert.Contains(message, Assert.Throws<ArgumentException>(action).Message, StringComparison.Ordinal);
        Refused(() => model.Compile(new Adam(), Loss.MeanSquaredError()), "expected a loss for each of 2 outputs of model 'model' (shares, size), received 1");
        Refused(() => model.Compile("adam", "mse"), "has 2 outputs (shares, size); give OutputSettings for each");
        Refused(() => model.Compile(new Adam(), new Dictionary<string, OutputSettings> { ["shares"] = new(Loss.MeanSquaredError()) }), "nothing is given for its output 'size'");
        Refused(() => model.Fit((Examples().Inputs, Examples().Targets)), "expected 2 inputs (words, numbers), received 1");
        Refused(() => model.Fit((Examples().AllInputs.ToArray(), [Examples().Targets])), "expected targets for 2 outputs (shares, size), received 1");
        Refused(() => model.Examples(new Dictionary<string, Tensor> { ["word"] = default }, new Dictionary<string, Tensor>()), "has no input 'word'; there are words, numbers");
        Refused(() => _ = new OutputSettings(Loss.MeanSquaredError(), Metric.FromName("mae"), Metric.FromName("mae")), "two metrics are named 'mae'");
        Assert.Throws<ArgumentOutOfRangeException>(() => new OutputSettings(Loss.MeanSquaredError()) { Weight = -1 });
    }

    private static Model Made()
    {
        LayerOutput words = Input.Of(new Shape(-1, -1), "words"), numbers = Input.Of(new Shape(-1, 2), "numbers");
        LayerOutput read = new Bidirectional(new Gru(3)).Of(new Dropout(0.01f).Of(new Embedding(9, 5).Of(words)));
        LayerOutput joined = new Dense(6, "tanh", name: "joined").Of(new Concatenate().Of(read, numbers));
        var model = new Model([words, numbers], [new Dense(3, "softmax", name: "shares").Of(joined), new Dense(1, name: "size").Of(joined)], seed: 6);
        model.Compile(new Adam(0.02f), new Dictionary<string, OutputSettings>
        {
            ["shares"] = new OutputSettings(Loss.SparseCategoricalCrossEntropy(), Metric.Accuracy()),
            ["size"] = new OutputSettings(Loss.MeanSquaredError(), Metric.FromName("mae")) { Weight = 0.25f },
        });
        return model;
    }

    /// <summary>Ragged words of which the last decides the class, and the numbers' difference.</summary>
    private static Dataset Examples()
    {
        int[][] words = [.. Enumerable.Range(0, Count).Select(i => Enumerable.Range(0, 1 + i % 5).Select(t => (3 * i + 2 * t) % 9).ToArray())];
        float[] numbers = RecurrentData.Numbers(2 * Count, 5, 1);
        return Made().Examples(
            new Dictionary<string, Tensor> { ["numbers"] = Tensor.FromArray(numbers, Count, 2), ["words"] = Tensor.FromTokens(words) },
            new Dictionary<string, Tensor>
            {
                ["shares"] = Tensor.FromArray([.. words.Select(word => (float)(word[^1] % 3))], Count),
                ["size"] = Tensor.FromArray([.. Enumerable.Range(0, Count).Select(i => numbers[2 * i] - numbers[2 * i + 1])], Count, 1),
            });
    }
}

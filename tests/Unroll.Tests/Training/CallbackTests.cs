using Unroll.Data;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Training;
using static Unroll.Tests.Training.TrainingData;

namespace Unroll.Tests.Training;

public sealed class CallbackTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private sealed class WeightRecorder : Callback
    {
        public List<float[]> Weights { get; } = [];

        public override void OnEpochEnd(TrainingContext context, EpochResult result) => Weights.Add(context.Model.Parameters[0].ToArray());
    }

    [Fact]
    public void Early_stopping_waits_for_its_patience_and_restores_the_best_weights()
    {
        Sequential model = Compiled(new Sgd(2f, momentum: 0.9), dropout: 0);
        var recorder = new WeightRecorder();
        var stopping = new EarlyStopping(patience: 3, restoreBestWeights: true);
        History history = model.Fit(Classes(30), 100, 5, Classes(12, 1.3), callbacks: [recorder, stopping]);
        IReadOnlyList<double> losses = history["val_loss"];
        int best = Enumerable.Range(0, losses.Count).MinBy(i => losses[i]);
        Assert.Equal(best + 1 + 3, losses.Count);
        Assert.Equal(best + 1, stopping.BestEpoch);
        Assert.Equal(recorder.Weights[best], model.Parameters[0].ToArray());
        Assert.NotEqual(recorder.Weights[^1], model.Parameters[0].ToArray());
        Assert.Contains($"'val_loss' was best in epoch {best + 1}", history.StopReason, StringComparison.Ordinal);
    }

    [Fact]
    public void Watching_a_value_that_is_not_there_names_those_that_are()
    {
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => Compiled().Fit(Classes(6), callbacks: [new EarlyStopping()]));
        Assert.Contains("expected the value 'val_loss', found loss, accuracy, f1_score. Give Fit validation data", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_scheduler_sees_epochs_from_zero_and_the_rate_so_far()
    {
        History history = Compiled(new Sgd(0.8f)).Fit(Classes(6), 3, callbacks: [new LearningRateScheduler((epoch, rate) => epoch == 0 ? rate : rate / 2)]);
        Assert.Equal([0.8f, 0.4f, 0.2f], history.Epochs.Select(epoch => (float)epoch.LearningRate));
        Assert.Contains("use one of the two", Assert.Throws<InvalidOperationException>(() => Compiled(new Sgd(0.8f) { Schedule = new StepDecay(0.8f, 2) })
            .Fit(Classes(6), 1, callbacks: [new LearningRateScheduler((_, rate) => rate)])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_plateau_lowers_the_rate()
    {
        // A rate of 0 gives no progress: from the second epoch on nothing becomes better.
        var model = new Sequential(new Unroll.Basics.Shape(-1, 4)) { new Dense(3) };
        model.Compile(new Sgd(1e-20f), Loss.SparseCategoricalCrossEntropy());
        History history = model.Fit(Classes(6), 5, callbacks: [new ReduceLearningRateOnPlateau("loss", new ReduceOnPlateauOptions { Patience = 2, Factor = 0.5 })]);
        Assert.Equal([1e-20f, 1e-20f, 1e-20f, 0.5e-20f, 0.5e-20f], history.Epochs.Select(epoch => (float)epoch.LearningRate));
    }

    [Fact]
    public void The_best_epoch_is_saved_and_loads()
    {
        string path = Path.Combine(_folder, "best.safetensors");
        Sequential model = Compiled(new Sgd(2f, momentum: 0.9), dropout: 0);
        var recorder = new WeightRecorder();
        History history = model.Fit(Classes(30), 8, 5, Classes(12, 1.3), callbacks: [recorder, new ModelCheckpoint(path, saveBestOnly: true)]);
        int best = Enumerable.Range(0, 8).MinBy(i => history["val_loss"][i]);
        Assert.Equal(recorder.Weights[best], Sequential.Load(path).Parameters[0].ToArray());
    }

    [Fact]
    public void Logs_hold_the_history()
    {
        string csv = Path.Combine(_folder, "log.csv"), lines = Path.Combine(_folder, "metrics.jsonl");
        EpochResult epoch = Compiled().Fit(Classes(12), 2, validationSplit: 0.25, callbacks: [new CsvLogger(csv), new JsonLinesLogger(lines)]).Epochs[1];
        string[] rows = File.ReadAllLines(csv);
        Assert.Equal("epoch,loss,accuracy,f1_score,val_loss,val_accuracy,val_f1_score,learning_rate", rows[0]);
        Assert.Equal(3, rows.Length);
        Assert.Equal(epoch["val_loss"], double.Parse(rows[2].Split(',')[4], System.Globalization.CultureInfo.InvariantCulture));
        System.Text.Json.Nodes.JsonNode json = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllLines(lines)[1])!;
        Assert.Equal(2, (int)json["epoch"]!);
        Assert.Equal(epoch.Loss, (double)json["loss"]!);
    }

    [Fact]
    public void Infinite_weights_in_a_layer_are_found_where_they_first_show()
    {
        var model = new Sequential(new Unroll.Basics.Shape(-1, 1)) { new Dense(2, name: "first"), new Dense(2, Activation.Relu, name: "second"), new Dense(1, name: "third") };
        model.Parameters[0].Set([1e20f, 2e20f]);
        model.Parameters[2].Set([1e20f, 1, 1, 1e20f]);
        model.Compile(new Sgd(0.1f), Loss.MeanSquaredError());
        var data = new Dataset(Tensor.FromArray([0, 0, 1], 3, 1), Tensor.FromArray([1, 1, 1], 3, 1));
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => model.Fit(data, batchSize: 2, shuffle: false, callbacks: [new TerminateOnNaN()]));
        Assert.Equal(("second", 1, 2), (error.Place, error.Epoch, error.Batch));
        Assert.Contains("infinity arose in the output of Dense 'second'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_that_overflows_is_named_with_its_layer_row_and_step()
    {
        // h doubles by 1e10 at each step: above the largest float at the fourth, in the second sequence alone.
        var model = new Sequential(new Unroll.Basics.Shape(-1, -1, 1)) { new SimpleRnn(2, "linear", name: "memory") { UseBias = false }, new Dense(1) };
        model.Parameters[0].Set([0f, 1f]);
        model.Parameters[1].Set([0f, 0, 0, 1e10f]);
        model.Compile(new Sgd(0.1f), Loss.MeanSquaredError());
        Tensor x = Tensor.FromArray([0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0], 2, 6, 1).WithLengths([6, 5]);
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => model.Fit(new Dataset(x, Tensor.Zeros(2, 1)), batchSize: 2, shuffle: false, callbacks: [new TerminateOnNaN()]));
        Assert.Contains("infinity arose in the hidden state of recurrent layer 'memory' at row 1, step 4 of the batch, unit 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gate_that_overflows_is_named()
    {
        var model = new Sequential(new Unroll.Basics.Shape(-1, -1, 1)) { new Lstm(1, name: "memory") { UseBias = false, Activation = "relu" }, new Dense(1) };
        model.Parameters[0].Set([20f, 20f, 3e38f, 20f]);
        model.Parameters[1].Set(new float[4]);
        model.Compile(new Sgd(0.1f), Loss.MeanSquaredError());
        // In the second sequence, which is the first in memory, since it is longer.
        Tensor x = Tensor.FromArray([0.1f, 0, 0.1f, 10f], 2, 2, 1).WithLengths([1, 2]);
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => model.Fit(new Dataset(x, Tensor.Zeros(2, 1)), batchSize: 2, shuffle: false, callbacks: [new TerminateOnNaN()]));
        Assert.Contains("infinity arose in the candidate gate of recurrent layer 'memory' at row 1, step 1 of the batch, unit 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NaN_in_inputs_targets_and_weights_is_named()
    {
        static string Place(float x, float y, float w)
        {
            var model = new Sequential(new Unroll.Basics.Shape(-1, 1)) { new Dense(1) };
            model.Parameters[0].Set([w]);
            model.Compile(new Sgd(0.1f), Loss.MeanSquaredError());
            var data = new Dataset(Tensor.FromArray([x], 1, 1), Tensor.FromArray([y], 1, 1));
            return Assert.Throws<TrainingDivergedException>(() => model.Fit(data, callbacks: [new TerminateOnNaN()])).Place;
        }
        Assert.Equal("inputs", Place(float.NaN, 1, 1));
        Assert.Equal("targets", Place(1, float.PositiveInfinity, 1));
        Assert.Equal("dense/kernel", Place(1, 1, float.NaN));
        Assert.Equal("loss", Place(1e30f, 1, 1));
    }

    [Fact]
    public void An_infinite_gradient_stops_before_it_changes_a_weight()
    {
        // Loss w²x² = 2.5e37 is finite; its derivative by w, 2wx² = 1e39, is not.
        var model = new Sequential(new Unroll.Basics.Shape(-1, 1)) { new Dense(1, useBias: false) };
        model.Parameters[0].Set([5e-2f]);
        model.Compile(new Sgd(0.1f), Loss.MeanSquaredError());
        var data = new Dataset(Tensor.FromArray([1e20f], 1, 1), Tensor.FromArray([0], 1, 1));
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(() => model.Fit(data, callbacks: [new TerminateOnNaN()]));
        Assert.Equal("dense/kernel", error.Place);
        Assert.Contains("gradient of 'dense/kernel' holds", error.Message, StringComparison.Ordinal);
        Assert.Equal([5e-2f], model.Parameters[0].ToArray());
    }
}

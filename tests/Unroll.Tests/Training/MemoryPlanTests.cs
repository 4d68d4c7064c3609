using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>The plan against the memory that actual steps of training hold, and against sizes worked out by hand.</summary>
public sealed class MemoryPlanTests
{
    private const int Batch = 6, Steps = 13, Features = 5;

    private static readonly Dictionary<string, Func<Layer[]>> s_layers = new()
    {
        ["simple_rnn"] = () => [new SimpleRnn(20)],
        ["lstm"] = () => [new Lstm(20, returnSequences: true)],
        ["peephole_lstm"] = () => [new PeepholeLstm(20) { SeparateBiases = true }],
        ["lstm_checkpointed"] = () => [new Lstm(20, returnSequences: true) { GradientCheckpointing = true }],
        ["gru"] = () => [new Gru(20, returnSequences: true) { Dropout = 0.1f }],
        ["gru_reset_before"] = () => [new Gru(20) { ResetAfter = false }],
        ["bidirectional"] = () => [new Bidirectional(new Lstm(20), MergeMode.Sum), new Dense(4)],
        ["stack"] = () => [new Lstm(9, returnSequences: true), new Dropout(0.2f), new LayerNormalization(), new Gru(7), new Dense(3, "softmax")],
        ["sum"] = () => [new ParallelSum(new Gru(8), new Stack(new SimpleRnn(5, returnSequences: true), new Lstm(8))), new Dense(3, "tanh")],
    };

    public static TheoryData<string> Names => [.. s_layers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_plan_is_what_training_and_prediction_hold(string name)
    {
        var model = new Sequential(new Shape(-1, -1, Features), seed: 3);
        foreach (Layer layer in s_layers[name]()) model.Add(layer);
        bool classes = model.FinalActivation?.Name == "softmax";
        model.Compile(new Adam(), classes ? Loss.SparseCategoricalCrossEntropy() : Loss.MeanSquaredError(), classes ? Metric.Accuracy() : Metric.MeanAbsoluteError());
        MemoryPlan plan = MemoryPlan.ForTraining(model, Batch, Steps), prediction = MemoryPlan.ForInference(model, Batch, Steps);
        Assert.All(model.Parameters, parameter => Assert.All(parameter.GradientToArray(), g => Assert.Equal(0, g)));

        Shape outputs = model.OutputShape!.Value;
        int[] targets = outputs.Rank == 3 ? [Batch, Steps, outputs.Features] : [Batch, classes ? 1 : outputs.Features];
        var data = new Dataset(Tensor.Zeros(Batch, Steps, Features), Tensor.Zeros(targets));
        var tape = new Tape();
        var step = new TrainingStep(model, model.Compiled!.Optimizer!, new BatchScore(model, model.Compiled!, null), new BatchReader(data), new FitOptions(), stopAtNonFinite: false, tape);
        for (int i = 0; i < 3; i++) step.Run([0, 1, 2, 3, 4, 5], 1, i, (1, i));
        Assert.Equal(tape.AllocatedBytes, plan.Activations + plan.ActivationGradients + plan.Scratch);

        var inference = new Tape(recording: false);
        var reader = new BatchReader(data.Inputs);
        for (int i = 0; i < 2; i++)
        {
            model.Forward(reader.ReadInputs([0, 1, 2, 3, 4, 5], inference), new Pass(inference));
            inference.Reset();
            inference.New(new Shape(1));
            inference.Reset();
        }
        Assert.Equal(inference.AllocatedBytes, prediction.Activations);
        Assert.True(plan.Total > prediction.Total);
    }

    [Fact]
    public void A_dense_model_by_hand()
    {
        // 16 inputs to 16 outputs: no padding anywhere, each array a whole number of cache lines.
        var model = new Sequential(new Shape(-1, 16)) { new Dense(16) };
        MemoryPlan plan = MemoryPlan.ForTraining(model, 32, optimizer: new Sgd(0.1f));
        long storage = model.Parameters.Sum(parameter => (long)parameter.StorageLength) * sizeof(float);
        Assert.Equal((32, 1), (plan.Batch, plan.Steps));
        Assert.Equal((storage, storage, 0), (plan.Parameters, plan.Gradients, plan.OptimizerState));
        Assert.Equal(2 * storage, MemoryPlan.ForTraining(model, 32).OptimizerState);
        Assert.Equal(32 * 16 * 4 + 64, plan.ActivationGradients); // the outputs' and the loss's
    }

    [Fact]
    public void Memory_grows_by_the_same_for_every_step()
    {
        var model = new Sequential { new Embedding(50, 16, paddingIndex: 0), new Lstm(32), new Dense(50, "softmax") };
        long At(int steps) => MemoryPlan.ForTraining(model, 16, steps).Activations;
        Assert.Equal(At(200) - At(150), At(150) - At(100));
        // Of each step at least ids, embedded rows, four gates, cell and hidden state are kept.
        Assert.True(At(200) - At(150) >= 50 * 16 * (1 + 16 + 6 * 32) * sizeof(float));
    }

    [Fact]
    public void A_model_that_is_not_built_and_an_empty_batch_are_refused()
    {
        var model = new Sequential { new Lstm(3) };
        Assert.Contains("is not built", Assert.Throws<InvalidOperationException>(() => MemoryPlan.ForTraining(model, 1, 1)).Message, StringComparison.Ordinal);
        model.Build(new Shape(-1, -1, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => MemoryPlan.ForTraining(model, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => MemoryPlan.ForInference(model, 1, 0));
    }
}

using Unroll.Data;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>Training and evaluation of a model, in Keras's words.</summary>
public static class NetworkTraining
{
    /// <summary>Sets what the model is trained and judged with. Weights stay as they are.</summary>
    /// <param name="model">The model.</param>
    /// <param name="optimizer">How to step.</param>
    /// <param name="loss">
    /// What to minimise. One that takes logits is computed together with the model's closing softmax or sigmoid, and
    /// takes the output as logits where the model ends without one.
    /// </param>
    /// <param name="metrics">What to report beside the loss; they see what <c>Predict</c> would give.</param>
    /// <exception cref="ArgumentException">A loss with which the model's last activation has no meaning, or two metrics of one name.</exception>
    public static void Compile(this Network model, Optimizer optimizer, Loss loss, params Metric[] metrics)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(metrics);
        model.Compile(optimizer, [new OutputSettings(loss, metrics)]);
    }

    /// <summary>Sets what each output of the model is trained and judged with. The loss is the sum of theirs, each times its weight.</summary>
    /// <param name="model">The model.</param>
    /// <param name="optimizer">How to step.</param>
    /// <param name="outputs">In the order of <see cref="Network.OutputNames"/>.</param>
    /// <exception cref="ArgumentException">Another number of outputs, or a loss with which an output's last activation has no meaning.</exception>
    public static void Compile(this Network model, Optimizer optimizer, IReadOnlyList<OutputSettings> outputs)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(outputs);
        if (outputs.Count != model.OutputCount)
            throw new ArgumentException($"Compile: expected a loss for each of {model.OutputCount} {(model.OutputCount == 1 ? "output" : "outputs")} of model '{model.Name}' ({string.Join(", ", model.OutputNames)}), received {outputs.Count}.", nameof(outputs));
        for (int i = 0; i < outputs.Count; i++) outputs[i].Loss.CheckEnding(model.FinalActivationOf(i)?.Name ?? "linear");
        model.Compiled = new CompileSettings(optimizer, [.. outputs]);
    }

    /// <summary>Sets what each output of the model is trained and judged with, by the outputs' names.</summary>
    /// <param name="model">The model.</param>
    /// <param name="optimizer">How to step.</param>
    /// <param name="outputs">For each of <see cref="Network.OutputNames"/>.</param>
    /// <exception cref="ArgumentException">An output that is missing or unknown, or a loss that does not fit.</exception>
    public static void Compile(this Network model, Optimizer optimizer, IReadOnlyDictionary<string, OutputSettings> outputs)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.Compile(optimizer, model.InOrder(outputs, model.OutputNames, "output"));
    }

    /// <summary>
    /// Sets what the model is trained and judged with by Keras's names: <c>Compile("adam", "categorical_crossentropy",
    /// "accuracy")</c>. Where the model ends in logits, metrics are made for logits.
    /// </summary>
    /// <exception cref="ArgumentException">An unknown name, or a loss with which the model's last activation has no meaning.</exception>
    public static void Compile(this Network model, string optimizer, string loss, params string[] metrics)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(metrics);
        Loss made = Loss.FromName(loss);
        if (model.OutputCount != 1) throw new ArgumentException($"Compile: model '{model.Name}' has {model.OutputCount} outputs ({string.Join(", ", model.OutputNames)}); give OutputSettings for each.", nameof(loss));
        bool logits = made.TakesLogits && (model.FinalActivationOf(0)?.Name ?? "linear") == "linear";
        model.Compile(Optimizer.FromName(optimizer), made, [.. metrics.Select(name => MetricByName.Make(name, made, logits))]);
    }

    /// <summary>Trains the compiled model. Equal settings, data and initial weights give equal bits, on every machine.</summary>
    /// <param name="model">A compiled model; built for the data if it is not built yet.</param>
    /// <param name="train">The examples; a pair <c>(x, y)</c> of tensors or arrays will do.</param>
    /// <param name="epochs">How many times to go through them, from <see cref="FitOptions.InitialEpoch"/> on; at least 0. Default 1.</param>
    /// <param name="batchSize">Examples a step; at least 1. The last step of an epoch may have fewer. Default 32.</param>
    /// <param name="validation">Examples to evaluate on after each epoch, or null.</param>
    /// <param name="validationSplit">In place of <paramref name="validation"/>: the share of the examples, the last ones, that is not trained on; in [0, 1).</param>
    /// <param name="shuffle">Whether each epoch has an order of its own, drawn from seed and epoch. Default true.</param>
    /// <param name="seed">The seed of orders and dropout. Default 0.</param>
    /// <param name="callbacks">What watches the training, called in this order.</param>
    /// <param name="options">Clipping, class weights and other rarer settings.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="checkpoint">Where to write what is needed to go on after being killed, or null.</param>
    /// <param name="resume">Whether to go on from the checkpoint where there is one; to the same bits as if never stopped.</param>
    /// <param name="cancellation">Looked at after every step; the checkpoint is written before the exception.</param>
    /// <returns>Loss and metrics epoch by epoch.</returns>
    /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
    /// <exception cref="ArgumentException">A setting out of range, or data that fit neither model nor loss.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="TrainingDivergedException">With <see cref="TerminateOnNaN"/>: a loss or gradient was NaN or infinite.</exception>
    public static History Fit(this Network model, Dataset train, int epochs = 1, int batchSize = 32, Dataset? validation = null,
        double validationSplit = 0, bool shuffle = true, ulong seed = 0, IReadOnlyList<Callback>? callbacks = null, FitOptions? options = null,
        IProgress<TrainingProgress>? progress = null, CheckpointOptions? checkpoint = null, bool resume = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(train);
        var settings = new FitSettings
        {
            Epochs = epochs,
            BatchSize = batchSize,
            ValidationSplit = validationSplit,
            Shuffle = shuffle,
            Seed = seed,
            Callbacks = callbacks ?? [],
            Options = options ?? new FitOptions(),
            Progress = progress,
            Checkpoint = checkpoint,
            Resume = resume,
        };
        return new FitLoop(model, train, validation, settings).Run(cancellation);
    }

    /// <summary>Trains the compiled model on inputs x and targets y; see the other form for the rest.</summary>
    /// <param name="model">A compiled model.</param>
    /// <param name="x">[N, F], [N, T] of token ids or [N, T, F].</param>
    /// <param name="y">[N], [N, K], [N, T] or [N, T, K], as the loss wants them.</param>
    /// <param name="epochs">How many times to go through them. Default 1.</param>
    /// <param name="batchSize">Examples a step. Default 32.</param>
    /// <param name="validation">Examples to evaluate on after each epoch, or null.</param>
    /// <param name="callbacks">What watches the training.</param>
    /// <param name="seed">The seed of orders and dropout. Default 0.</param>
    public static History Fit(this Network model, Tensor x, Tensor y, int epochs = 1, int batchSize = 32, Dataset? validation = null,
        IReadOnlyList<Callback>? callbacks = null, ulong seed = 0) =>
        model.Fit(new Dataset(x, y), epochs, batchSize, validation, callbacks: callbacks, seed: seed);

    /// <summary>Trains the compiled model on sequences x [N, T, F] and targets y [N, K]; see the other form for the rest.</summary>
    public static History Fit(this Network model, float[,,] x, float[,] y, int epochs = 1, int batchSize = 32, Dataset? validation = null,
        IReadOnlyList<Callback>? callbacks = null, ulong seed = 0) =>
        model.Fit(Dataset.FromArrays(x, y), epochs, batchSize, validation, callbacks: callbacks, seed: seed);

    /// <summary>Trains the compiled model on rows x [N, F] and targets y [N, K]; see the other form for the rest.</summary>
    public static History Fit(this Network model, float[,] x, float[,] y, int epochs = 1, int batchSize = 32, Dataset? validation = null,
        IReadOnlyList<Callback>? callbacks = null, ulong seed = 0) =>
        model.Fit(Dataset.FromArrays(x, y), epochs, batchSize, validation, callbacks: callbacks, seed: seed);

    /// <summary>Examples given by the names of the model's inputs and outputs, for Fit and Evaluate.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">A tensor for each of <see cref="Network.InputNames"/>.</param>
    /// <param name="targets">A tensor for each of <see cref="Network.OutputNames"/>.</param>
    /// <exception cref="ArgumentException">A name that is missing or unknown, or different numbers of examples.</exception>
    public static Dataset Examples(this Network model, IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyDictionary<string, Tensor> targets)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new Dataset(model.InOrder(inputs, model.InputNames, "input"), model.InOrder(targets, model.OutputNames, "output"));
    }

    /// <summary>Loss and metrics over a data set, without training.</summary>
    /// <param name="model">A compiled model, or one loaded from a file of a compiled one.</param>
    /// <param name="data">The examples; a pair <c>(x, y)</c> will do.</param>
    /// <param name="batchSize">Examples computed together, at least 1; it changes no metric. Default 64.</param>
    /// <param name="cancellation">Looked at before every batch.</param>
    /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
    /// <exception cref="ArgumentException">Data that fit neither model nor loss.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Evaluation Evaluate(this Network model, Dataset data, int batchSize = 64, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        CompileSettings compiled = model.RequireCompiled();
        data = FitLoop.Prepare(model, data);
        var score = new BatchScore(model, compiled, null);
        new EvaluationLoop(score, new BatchReader(data), [.. Enumerable.Range(0, data.Count)], batchSize).Run(cancellation);
        return new Evaluation(score.Values(""));
    }
}

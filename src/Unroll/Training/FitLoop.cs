using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Models;
using Unroll.Optimizers;

namespace Unroll.Training;

/// <summary>
/// Epochs of steps, validation, callbacks and checkpoints. All that a step depends on is a function of the settings,
/// the data, the weights, the optimiser's state and the position (epoch, batch): so a checkpoint of these goes on to the
/// same bits.
/// </summary>
internal sealed class FitLoop
{
    private readonly Network _model;
    private readonly Optimizer _optimizer;
    private readonly FitSettings _settings;
    private readonly TrainingStep _step;
    private readonly BatchScore _score;
    private readonly BatchScore _validationScore;
    private readonly EvaluationLoop? _validation;
    private readonly int[] _order, _lengths;
    private readonly int _batches;
    private readonly History _history = new();
    private readonly TrainingContext _context;
    private readonly TrainingCheckpoint? _checkpoint;
    private readonly Stopwatch _sinceCheckpoint = Stopwatch.StartNew();

    public FitLoop(Network model, Dataset train, Dataset? validation, FitSettings settings)
    {
        settings.Check(validation is not null);
        CompileSettings compiled = model.RequireCompiled();
        _optimizer = model.RequireOptimizer();
        _model = model;
        _settings = settings;
        train = Prepare(model, train);

        int trainCount = train.Count;
        int[] validationExamples = [];
        if (validation is not null)
        {
            validation = Prepare(model, validation);
            validationExamples = [.. Enumerable.Range(0, validation.Count)];
        }
        else if (settings.ValidationSplit > 0)
        {
            trainCount = (int)Math.Floor(train.Count * (1 - settings.ValidationSplit));
            if (trainCount == 0 || trainCount == train.Count)
                throw new ArgumentException($"Fit: a validation split of {settings.ValidationSplit} of {train.Count} examples leaves {trainCount} to train on and {train.Count - trainCount} to validate; both need at least 1.");
            validation = train;
            validationExamples = [.. Enumerable.Range(trainCount, train.Count - trainCount)];
        }
        _order = new int[trainCount];
        _lengths = train.Inputs.Lengths.ToArray();
        _batches = (trainCount + settings.BatchSize - 1) / settings.BatchSize;

        _score = new BatchScore(model, compiled, settings.Options.ClassWeights);
        var reader = new BatchReader(train);
        _step = new TrainingStep(model, _optimizer, _score, reader, settings.Options, settings.Callbacks.Any(callback => callback is TerminateOnNaN));
        // Class weights are a training matter: validation shows the loss as it is.
        _validationScore = new BatchScore(model, compiled, null);
        if (validation is not null)
            _validation = new EvaluationLoop(_validationScore, new BatchReader(validation), validationExamples, settings.BatchSize);
        _context = new TrainingContext(model, _optimizer, _history, settings.Epochs, _batches);
        if (settings.Checkpoint is { } options)
            _checkpoint = new TrainingCheckpoint(options.Path, model, _optimizer, _score, _context, settings.Callbacks, Description(compiled, validationExamples.Length));
    }

    /// <summary>Trains to the last epoch, or until a callback stops it.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; the checkpoint, where one was asked for, is written.</exception>
    public History Run(CancellationToken cancellation)
    {
        (int epoch, int batch) = (_settings.Options.InitialEpoch, 0);
        if (_settings.Resume && File.Exists(_settings.Checkpoint!.Path)) (epoch, batch) = _checkpoint!.Load();
        else _score.Reset();
        _context.Epoch = epoch + 1;
        foreach (Callback callback in _settings.Callbacks) callback.OnTrainBegin(_context);

        for (; epoch < _settings.Epochs && !_context.IsStopped; epoch++, batch = 0)
        {
            if (cancellation.IsCancellationRequested) Cancel(epoch, batch, null, cancellation);
            _context.Epoch = epoch + 1;
            if (batch == 0)
            {
                _score.Reset();
                foreach (Callback callback in _settings.Callbacks) callback.OnEpochBegin(_context);
            }
            ExampleOrder.Fill(_order, _settings.Shuffle, _settings.Seed, epoch);
            if (_settings.Options.Grouping == LengthGrouping.SortWithinWindows) GroupByLength(epoch);
            while (batch < _batches)
            {
                batch = RunStep(epoch, batch);
                if (cancellation.IsCancellationRequested) Cancel(epoch, batch, null, cancellation);
                if (batch < _batches && IsCheckpointDue(batch)) Save(epoch, batch);
            }
            EndEpoch(epoch, cancellation);
            Save(epoch + 1, 0);
        }
        _history.StopReason = _context.StopReason;
        foreach (Callback callback in _settings.Callbacks) callback.OnTrainEnd(_context);
        return _history;
    }

    /// <summary>Puts sequences of like length into a batch; a smaller batch stays the last.</summary>
    private void GroupByLength(int epoch)
    {
        if (_lengths.Length == 0) throw new ArgumentException("FitOptions.Grouping: expected inputs with lengths, by which batches could be grouped; these have none. Give them lengths, or keep the order.");
        int whole = _order.Length / _settings.BatchSize;
        int[][] batches = LengthBatches.Create(_lengths, _settings.BatchSize, _order, LengthGrouping.SortWithinWindows, permutation: count =>
        {
            int[] places = [.. Enumerable.Range(0, count)];
            if (_settings.Shuffle) new RandomStream(_settings.Seed, "length_batches", epoch).Shuffle(places.AsSpan(0, whole));
            return places;
        });
        int at = 0;
        foreach (int[] batch in batches)
        {
            batch.CopyTo(_order, at);
            at += batch.Length;
        }
    }

    private int RunStep(int epoch, int batch)
    {
        int start = batch * _settings.BatchSize, count = Math.Min(_settings.BatchSize, _order.Length - start);
        _context.BatchLoss = _step.Run(_order.AsSpan(start, count), _settings.Seed, (long)epoch * _batches + batch, (epoch + 1, batch + 1));
        _context.Batch = ++batch;
        for (int i = 0; i < _settings.Callbacks.Count; i++) _settings.Callbacks[i].OnBatchEnd(_context);
        _settings.Progress?.Report(new TrainingProgress(epoch + 1, _settings.Epochs, batch, _batches, _score.MeanLoss, count));
        return batch;
    }

    private void EndEpoch(int epoch, CancellationToken cancellation)
    {
        List<KeyValuePair<string, double>> values = [.. _score.Values("")];
        if (_validation is not null)
        {
            // Metrics are shared with training, whose sums are complete by now; a cancelled validation must not lose them.
            double[][] training = _score.SaveState();
            try
            {
                Validate(_validation, cancellation);
            }
            catch (OperationCanceledException)
            {
                Cancel(epoch, _batches, training, cancellation);
            }
            values.AddRange(_validationScore.Values("val_"));
        }
        var result = new EpochResult(epoch + 1, values, _optimizer.LearningRate);
        _history.Add(result);
        foreach (Callback callback in _settings.Callbacks) callback.OnEpochEnd(_context, result);
        _score.Reset();
    }

    private void Validate(EvaluationLoop validation, CancellationToken cancellation)
    {
        foreach (Callback callback in _settings.Callbacks) callback.OnValidationBegin(_context);
        try
        {
            validation.Run(cancellation);
        }
        finally
        {
            for (int i = _settings.Callbacks.Count - 1; i >= 0; i--) _settings.Callbacks[i].OnValidationEnd(_context);
        }
    }

    private bool IsCheckpointDue(int batch) => _settings.Checkpoint is { } options
        && ((options.EveryBatches > 0 && batch % options.EveryBatches == 0) || _sinceCheckpoint.Elapsed >= options.Every);

    private void Save(int epoch, int batch)
    {
        if (_checkpoint is null) return;
        _checkpoint.Save(epoch, batch, null);
        _sinceCheckpoint.Restart();
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private void Cancel(int epoch, int batch, double[][]? score, CancellationToken cancellation)
    {
        _checkpoint?.Save(epoch, batch, score);
        throw new OperationCanceledException(cancellation);
    }

    /// <summary>Builds the model for the data and lets targets follow sequences of unequal length.</summary>
    /// <exception cref="ArgumentException">Data for another number of inputs or outputs.</exception>
    internal static Dataset Prepare(Network model, Dataset data)
    {
        model.EnsureBuilt([.. data.AllInputs]);
        if (data.AllTargets.Count != model.OutputCount)
            throw new ArgumentException($"Model '{model.Name}': expected targets for {model.OutputCount} {(model.OutputCount == 1 ? "output" : "outputs")} ({string.Join(", ", model.OutputNames)}), received {data.AllTargets.Count}.", nameof(data));
        bool[] follows = [.. model.Compiled!.Outputs.Select((output, i) => AnswersAtEveryStep(model.OutputShapeAt(i), data) && !output.Loss.CountsSequences)];
        return follows.Contains(true) ? data.WithTargetsFollowingInputs(follows) : data;
    }

    /// <summary>Whether an output has a row for each step of an input, not for steps of its own.</summary>
    private static bool AnswersAtEveryStep(Basics.Shape output, Dataset data) =>
        output.Rank >= 3 && (output[1] == Basics.Shape.Unknown || data.AllInputs.Any(input => input.Shape.Rank >= 2 && input.Shape[1] == output[1]));

    /// <summary>What must be the same when training resumes.</summary>
    private JsonObject Description(CompileSettings compiled, int validationExamples)
    {
        JsonArray outputs = CompileDescription.Of(compiled)["outputs"]!.DeepClone().AsArray();
        FitOptions options = _settings.Options;
        var callbacks = new JsonArray();
        foreach (Callback callback in _settings.Callbacks) callbacks.Add((JsonNode)JsonValue.Create(callback.GetType().Name));
        return new JsonObject
        {
            ["examples"] = _order.Length,
            ["validation_examples"] = validationExamples,
            ["batch_size"] = _settings.BatchSize,
            ["shuffle"] = _settings.Shuffle,
            ["seed"] = _settings.Seed,
            ["optimizer"] = _optimizer.Name,
            ["outputs"] = outputs,
            ["class_weights"] = ClassWeights(options),
            ["clip_value"] = options.ClipValue,
            ["clip_norm"] = options.ClipNorm,
            ["global_clip_norm"] = options.GlobalClipNorm,
            ["grouping"] = options.Grouping == LengthGrouping.KeepOrder ? null : options.Grouping.ToString(),
            ["accumulation_steps"] = options.AccumulationSteps > 1 ? options.AccumulationSteps : null,
            ["gradient_noise"] = options.GradientNoise is { } noise ? new JsonObject { ["scale"] = noise.Scale, ["decay"] = noise.Decay } : null,
            ["callbacks"] = callbacks,
        };
    }

    private static JsonObject? ClassWeights(FitOptions options)
    {
        if (options.ClassWeights is not { } given) return null;
        var weights = new JsonObject();
        foreach ((int index, float weight) in given.OrderBy(pair => pair.Key)) weights[index.ToString(CultureInfo.InvariantCulture)] = weight;
        return weights;
    }
}

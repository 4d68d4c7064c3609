using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Models;
using Unroll.Tensors;

namespace Unroll.Inference;

/// <summary>Prediction with dropout left on, whose spread says how sure a model is (Gal and Ghahramani 2016, arXiv 1506.02142).</summary>
public static class MonteCarloDropout
{
    /// <summary>
    /// Answers many times with every kind of dropout active, each time by other draws, and gives mean and deviation. Equal
    /// arguments give equal bits. Not while the model is trained or asked so by another thread.
    /// </summary>
    /// <param name="model">A model with dropout in it; one without gives a deviation of 0.</param>
    /// <param name="inputs">As for <c>Predict</c>.</param>
    /// <param name="samples">n, at least 2. Default 100.</param>
    /// <param name="seed">The seed of the draws. Default 0.</param>
    /// <param name="batchSize">Examples computed together, at least 1. An example's draws follow from its place in its batch, so another size gives other draws. Default 64.</param>
    /// <param name="cancellation">Looked at before every draw.</param>
    /// <exception cref="ArgumentException">Inputs that do not fit the model, or none; fewer than two samples.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static UncertainPrediction PredictUncertain(this Network model, Tensor inputs, int samples = 100, ulong seed = 0, int batchSize = 64, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        int count = inputs.Shape.Rank == 0 ? 0 : inputs.Shape[0];
        if (count == 0) throw new ArgumentException($"PredictUncertain: expected at least one example, received {inputs.Shape}.", nameof(inputs));

        model.EnsureBuilt([inputs]);
        var tape = new Tape(recording: false);
        var reader = new BatchReader(inputs);
        Tensor mean = default, deviation = default, sample = default;
        double[] sums = [], squares = [];
        for (int start = 0; start < count; start += batchSize)
        {
            int[] examples = [.. Enumerable.Range(start, Math.Min(batchSize, count - start))];
            for (int draw = 0; draw < samples; draw++)
            {
                cancellation.ThrowIfCancellationRequested();
                Tensor[] batch = reader.Read(examples, tape).Inputs;
                Tensor outputs = model.Forward(batch[0], new Pass(tape, Training: true, seed, draw));
                if (mean.IsDefault)
                {
                    Shape shape = NetworkInference.WholeShape(outputs, count, model.OutputShapeAt(0), [inputs], batch);
                    (mean, deviation, sample) = (Tensor.Create(shape, null), Tensor.Create(shape, null), Tensor.Create(shape, null));
                    (sums, squares) = (new double[sample.StoredLength], new double[sample.StoredLength]);
                }
                NetworkInference.Copy(outputs, sample, start);
                Add(sample, start, examples.Length, draw, sums, squares);
                tape.Reset();
            }
        }
        for (int i = 0; i < sums.Length; i++)
        {
            mean.Storage[i] = (float)sums[i];
            deviation.Storage[i] = (float)Math.Sqrt(squares[i] / (samples - 1));
        }
        return new UncertainPrediction(mean, deviation, samples);
    }

    /// <summary>Welford's update of mean and sum of squared differences by the examples of a batch.</summary>
    private static void Add(Tensor sample, int start, int examples, int draw, double[] means, double[] squares)
    {
        int width = sample.StoredLength / sample.Shape[0];
        ReadOnlySpan<float> values = sample.Storage;
        for (int i = start * width; i < (start + examples) * width; i++)
        {
            double difference = values[i] - means[i];
            means[i] += difference / (draw + 1);
            squares[i] += difference * (values[i] - means[i]);
        }
        GC.KeepAlive(sample.Handle);
    }
}

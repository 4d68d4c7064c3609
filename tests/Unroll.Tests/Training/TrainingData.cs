using Unroll.Data;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Small models and data sets in which no two numbers are alike.</summary>
internal static class TrainingData
{
    public static float[] Distinct(int n, double frequency = 1.7) => [.. Enumerable.Range(1, n).Select(i => (float)Math.Sin(frequency * i) + 0.01f)];

    /// <summary>Rows of four features; the class, of three, is where a feature sum lies.</summary>
    public static Dataset Classes(int count, double frequency = 1.7)
    {
        float[] x = Distinct(4 * count, frequency), y = new float[count];
        for (int i = 0; i < count; i++)
        {
            float sum = x[4 * i] + x[4 * i + 1] - x[4 * i + 2];
            y[i] = sum < -0.5f ? 0 : sum < 0.5f ? 1 : 2;
        }
        return new Dataset(Tensor.FromArray(x, count, 4), Tensor.FromArray(y, count));
    }

    public static Sequential Classifier(ulong seed = 5, float dropout = 0.3f) =>
        new(seed) { new Dense(8, Activation.Tanh), new Dropout(dropout), new Dense(3, Activation.Softmax) };

    public static Sequential Compiled(Optimizer? optimizer = null, ulong seed = 5, float dropout = 0.3f)
    {
        Sequential model = Classifier(seed, dropout);
        model.Compile(optimizer ?? new Adam(0.01f), Unroll.Losses.Loss.SparseCategoricalCrossEntropy(), Unroll.Metrics.Metric.Accuracy(), Unroll.Metrics.Metric.F1());
        return model;
    }

    public static byte[] Bytes(Sequential model)
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            model.Save(path);
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}

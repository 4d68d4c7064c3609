using Unroll.Inference;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Training;

namespace Unroll.Tests.Inference;

public class NetworkInferenceTests
{
    [Fact]
    public void Eight_threads_get_the_bits_of_one()
    {
        Sequential model = TrainingData.Classifier();
        Tensor[] inputs = [.. Enumerable.Range(0, 8).Select(i => Tensor.FromArray(TrainingData.Distinct(4 * (50 + i), 1.1 + 0.1 * i), 50 + i, 4))];
        float[][] expected = [.. inputs.Select(x => model.Predict(x, batchSize: 7).ToArray())];
        var failures = new System.Collections.Concurrent.ConcurrentBag<int>();
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(i => new Thread(() =>
        {
            for (int round = 0; round < 20; round++)
                if (!model.Predict(inputs[i], batchSize: 3 + i + round).ToArray().AsSpan().SequenceEqual(expected[i])) failures.Add(i);
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Empty(failures);
        Assert.NotEqual(expected[0][..12], expected[1][..12]);
    }

    [Fact]
    public void Eight_threads_get_the_bits_of_one_from_ragged_sequences_through_recurrent_layers()
    {
        var model = new Sequential { new Embedding(40, 5), new Bidirectional(new Lstm(6, returnSequences: true)), new Gru(7), new Dense(3, "softmax") };
        Tensor[] inputs = [.. Enumerable.Range(0, 8).Select(i => Tensor.FromTokens([.. Enumerable.Range(0, 20 + i).Select(row =>
            Enumerable.Range(0, 1 + (row * 5 + i) % 9).Select(t => (row * 7 + t * 3 + i) % 40).ToArray())]))];
        float[][] expected = [.. inputs.Select(x => model.Predict(x, batchSize: 7).ToArray())];
        var failures = new System.Collections.Concurrent.ConcurrentBag<int>();
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(i => new Thread(() =>
        {
            for (int round = 0; round < 10; round++)
                if (!model.Predict(inputs[i], batchSize: 1 + i + round).ToArray().AsSpan().SequenceEqual(expected[i])) failures.Add(i);
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.Empty(failures);
        Assert.NotEqual(expected[0][..6], expected[1][..6]);
        Assert.NotEqual(expected[0][..3], expected[0][3..6]);
    }

    [Fact]
    public void Dropout_is_off()
    {
        Sequential with = TrainingData.Classifier(dropout: 0.9f), without = TrainingData.Classifier(dropout: 0);
        Tensor x = Tensor.FromArray(TrainingData.Distinct(20), 5, 4);
        Assert.Equal(without.Predict(x).ToArray(), with.Predict(x).ToArray());
    }

    [Fact]
    public void Answers_to_sequences_of_unequal_length_are_padded_with_zeros_to_the_inputs_time()
    {
        var model = new Sequential { new Embedding(9, 3), new Dense(2, Activation.Softmax) };
        float[] Alone(int id) => model.Predict(Tensor.FromTokens([[id]])).ToArray();
        Tensor answers = model.Predict(Tensor.FromTokens([[1], [2, 3, 4], [5, 6]]), batchSize: 1);
        Assert.Equal(new Unroll.Basics.Shape(3, 3, 2), answers.Shape);
        float[] none = [0, 0];
        float[] expected = [.. Alone(1), .. none, .. none, .. Alone(2), .. Alone(3), .. Alone(4), .. Alone(5), .. Alone(6), .. none];
        Assert.Equal(expected, answers.ToArray());
        Assert.Equal(expected, model.Predict(Tensor.FromTokens([[1], [2, 3, 4], [5, 6]])).ToArray());
    }

    [Fact]
    public void An_array_gives_the_answers_of_its_tensor()
    {
        Sequential model = TrainingData.Classifier();
        float[,] x = { { 1, 2, 3, 4 }, { -1, 0.5f, 2, 1 } };
        Assert.Equal(model.Predict(Tensor.FromArray(x)).ToArray(), model.Predict(x).ToArray());
    }

    [Fact]
    public void No_example_is_refused()
    {
        Assert.Contains("at least one example", Assert.Throws<ArgumentException>(() => TrainingData.Classifier().Predict(Tensor.Zeros(0, 4))).Message, StringComparison.Ordinal);
    }
}

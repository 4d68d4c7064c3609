using Unroll.Basics;
using Unroll.Data;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Shapes;

/// <summary>The code of docs/shapes.md: one small model for each shape of work, which learns it.</summary>
public sealed class ShapesOfWorkTests
{
    private static readonly RandomStream s_draws = new(17, "shapes of work");

    [Fact]
    public void One_to_one()
    {
        // Is a point inside the circle of radius 0.7?
        float[] points = [.. Enumerable.Range(0, 800).Select(i => 2 * s_draws.Uniform(i) - 1)];
        Tensor x = Tensor.FromArray(points, 400, 2), inside = Tensor.FromArray([.. Enumerable.Range(0, 400).Select(i => points[2 * i] * points[2 * i] + points[2 * i + 1] * points[2 * i + 1] < 0.49f ? 1f : 0f)], 400, 1);

        var model = new Sequential { new Dense(16, "tanh"), new Dense(1, "sigmoid") };
        model.Compile(new Adam(0.03f), Loss.BinaryCrossEntropy(), Metric.BinaryAccuracy());
        model.Fit((x, inside), epochs: 60);

        Assert.InRange(model.Evaluate((x, inside))["binary_accuracy"], 0.95, 1);
    }

    [Fact]
    public void One_to_many()
    {
        // A height, from which it falls by a fifth at each of six steps.
        float[] heights = [.. Enumerable.Range(0, 128).Select(i => 2 * s_draws.Uniform(i) - 1)];
        Tensor height = Tensor.FromArray(heights, 128, 1), path = Tensor.FromArray([.. heights.SelectMany(h => Enumerable.Range(0, 6).Select(t => h * MathF.Pow(0.8f, t)))], 128, 6, 1);

        var model = new Sequential { new RepeatVector(6), new Lstm(16, returnSequences: true), new Dense(1) };
        model.Compile(new Adam(0.02f), Loss.MeanSquaredError());
        model.Fit((height, path), epochs: 60);

        Assert.InRange(model.Evaluate((height, path)).Loss, 0, 0.002);
    }

    [Fact]
    public void Many_to_one()
    {
        // Sentences of 1 to 9 words out of 8: does word 3 occur?
        int[][] words = [.. Enumerable.Range(0, 300).Select(i => Enumerable.Range(0, 1 + i % 9).Select(t => (int)(8 * s_draws.Uniform(16 * i + t))).ToArray())];
        Tensor sentences = Tensor.FromTokens(words), occurs = Tensor.FromArray([.. words.Select(sentence => sentence.Contains(3) ? 1f : 0f)], 300);

        var model = new Sequential { new Embedding(8, 4), new Gru(12), new Dense(2, "softmax") };
        model.Compile(new Adam(0.02f), Loss.SparseCategoricalCrossEntropy(), Metric.Accuracy());
        model.Fit((sentences, occurs), epochs: 20);

        Assert.InRange(model.Evaluate((sentences, occurs))["accuracy"], 0.98, 1);
    }

    [Fact]
    public void Many_to_many_of_equal_length()
    {
        // At every step the word of the step before; 0 at the first.
        int[][] words = [.. Enumerable.Range(0, 300).Select(i => Enumerable.Range(0, 2 + i % 7).Select(t => (int)(5 * s_draws.Uniform(16 * i + t))).ToArray())];
        Tensor sentences = Tensor.FromTokens(words), before = Tensor.FromTokens([.. words.Select(sentence => sentence.Select((_, t) => t == 0 ? 0 : sentence[t - 1]).ToArray())]);

        var model = new Sequential { new Embedding(5, 8), new Lstm(24, returnSequences: true), new Dense(5, "softmax") };
        model.Compile(new Adam(0.02f), Loss.SparseCategoricalCrossEntropy(), Metric.Accuracy());
        model.Fit((sentences, before), epochs: 20);

        Assert.InRange(model.Evaluate((sentences, before))["accuracy"], 0.98, 1);
    }

    [Fact]
    public void Many_to_many_of_unequal_length()
    {
        // Sentences of 3 to 6 words out of 5: say the last word, then the first.
        int[][] words = [.. Enumerable.Range(0, 300).Select(i => Enumerable.Range(0, 3 + i % 4).Select(t => (int)(5 * s_draws.Uniform(16 * i + t))).ToArray())];
        Tensor sentences = Tensor.FromTokens(words), said = Tensor.FromArray([.. words.SelectMany(sentence => new float[] { sentence[^1], sentence[0] })], 300, 2);

        LayerOutput heard = Input.Of(new Shape(-1, -1));
        LayerOutput summary = new Bidirectional(new Gru(16)).Of(new Embedding(5, 8).Of(heard));
        LayerOutput spoken = new Gru(24, returnSequences: true).Of(new RepeatVector(2).Of(summary));
        var model = new Model(heard, new Dense(5, "softmax").Of(spoken));
        model.Compile(new Adam(0.02f), Loss.SparseCategoricalCrossEntropy(), Metric.Accuracy());
        model.Fit((sentences, said), epochs: 30);

        Assert.InRange(model.Evaluate((sentences, said))["accuracy"], 0.98, 1);
        Assert.Equal(new Shape(300, 2, 5), model.Predict(sentences).Shape);
    }

    [Fact]
    public void Rows_of_no_step_one_step_and_ten_thousand_in_one_batch()
    {
        // The class is the last word, 0 without one.
        int[][] words = [[], [1], [2], [.. Enumerable.Range(0, 10_000).Select(t => 1 + t % 2)], [.. Enumerable.Range(0, 10_000).Select(t => 2 - t % 2)]];
        Tensor sentences = Tensor.FromTokens(words), last = Tensor.FromArray([.. words.Select(row => row.Length == 0 ? 0f : row[^1])], 5);

        var model = new Sequential { new Embedding(3, 4), new Gru(8), new Dense(3, "softmax") };
        model.Compile(new Adam(0.05f), Loss.SparseCategoricalCrossEntropy(), Metric.Accuracy());
        model.Fit((sentences, last), epochs: 40);

        Assert.Equal(1, model.Evaluate((sentences, last))["accuracy"]);
        float[] together = model.Predict(sentences).ToArray();
        for (int row = 1; row < 5; row++) Assert.Equal(together[(3 * row)..(3 * row + 3)], model.Predict(Tensor.FromTokens([words[row]])).ToArray());
    }

    [Fact]
    public void A_decoder_is_told_what_it_said_last_and_begins_where_the_encoder_ended()
    {
        // Sentences of 2 to 5 words out of 2 to 5, said backward; 1 begins and ends, 0 is padding behind the end.
        int[][] words = [.. Enumerable.Range(0, 600).Select(i => Enumerable.Range(0, 2 + i % 4).Select(t => 2 + (int)(4 * s_draws.Uniform(16 * i + t))).ToArray())];
        Tensor sentences = Tensor.FromTokens(words);
        Tensor before = Tensor.FromTokens([.. words.Select(sentence => sentence.Append(1).Reverse().ToArray())]), said = Tensor.FromTokens([.. words.Select(sentence => sentence.Reverse().Append(1).ToArray())]);

        LayerOutput heard = Input.Of(new Shape(-1, -1)), told = Input.Of(new Shape(-1, -1));
        var embedding = new Embedding(6, 12);
        (_, IReadOnlyList<LayerOutput> state) = new Lstm(48).WithState(embedding.Of(heard));
        LayerOutput spoken = new Lstm(48, returnSequences: true).Of(embedding.Of(told), state);
        var model = new Model([heard, told], [new Dense(6, "softmax").Of(spoken)]);
        model.Compile(new Adam(0.01f), Loss.SparseCategoricalCrossEntropy(), Metric.Accuracy());
        model.Fit(new Dataset([sentences, before], [said]), epochs: 30);

        Assert.InRange(model.Evaluate(new Dataset([sentences, before], [said]))["accuracy"], 0.97, 1);
    }

    [Fact]
    public void A_sequence_longer_than_memory()
    {
        // A sine wave of a slowly changing speed, 100,000 steps in a file: what comes next?
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using (var writer = new BinaryWriter(File.Create(path)))
                for (int t = 0; t < 100_000; t++) writer.Write((float)Math.Sin(0.3 * t + Math.Sin(0.001 * t)));

            var model = new Sequential(new Shape(-1, -1, 1)) { new Lstm(16, returnSequences: true), new Dense(1) };
            model.Compile(new Adam(0.01f), Loss.MeanSquaredError());
            var training = new TruncatedBackpropagation(model, steps: 50);
            using (var reader = new BinaryReader(File.OpenRead(path)))
            {
                float next = reader.ReadSingle();
                while (reader.BaseStream.Position < reader.BaseStream.Length)
                {
                    float[] seen = new float[Math.Min(1000, (reader.BaseStream.Length - reader.BaseStream.Position) / sizeof(float))], follows = new float[seen.Length];
                    for (int t = 0; t < seen.Length; t++) (seen[t], follows[t]) = (next, next = reader.ReadSingle());
                    training.Train(Tensor.FromArray(seen, 1, seen.Length, 1), Tensor.FromArray(follows, 1, seen.Length, 1));
                }
            }

            double errors = 0;
            using (ModelStream stream = model.OpenStream())
            using (var reader = new BinaryReader(File.OpenRead(path)))
            {
                float next = reader.ReadSingle();
                for (int t = 1; t < 100_000; t++)
                {
                    float guess = stream.Step([next])[0];
                    next = reader.ReadSingle();
                    errors += (guess - next) * (guess - next);
                }
            }
            Assert.InRange(errors / 99_999, 0, 0.002); // of a variance of 0.5
        }
        finally
        {
            File.Delete(path);
        }
    }
}

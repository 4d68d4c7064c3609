using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Decoding;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Optimizers;
using Unroll.Tasks;
using Unroll.Tensors;
using Unroll.Tests.Support;
using Unroll.Tests.Tasks.Translation;
using Unroll.Text;
using Unroll.Training;

namespace Unroll.Tests.Docs;

/// <summary>README's code, run. <see cref="ReadmeTests"/> holds the two against each other.</summary>
public class ReadmeExamples
{
    [Fact]
    public void Summary_is_the_one_that_the_readme_shows()
    {
        var model = new Sequential { new Embedding(1000, 64), new Lstm(128), new Dense(10) };
        string summary = model.Summary();
        Assert.Contains("64,000", summary, StringComparison.Ordinal);
        Assert.Contains("98,816", summary, StringComparison.Ordinal);
        Assert.Contains("1,290", summary, StringComparison.Ordinal);
        Assert.Contains("164,106", summary, StringComparison.Ordinal);
        Assert.Contains(Normalised(summary), Normalised(ReadmeTests.Readme), StringComparison.Ordinal);

        static string Normalised(string text) => string.Join('\n', text.Split('\n').Select(line => line.TrimEnd()));
    }

    [Fact]
    public void A_model_learns_predicts_and_is_saved()
    {
        using var file = new TemporaryFile("");
        string path = file.Path;

        (Tensor x, Tensor y) = Waves(count: 256, seed: 1);
        (Tensor newX, Tensor newY) = Waves(count: 64, seed: 2);

        var model = new Sequential { new Gru(16), new Dense(2, activation: "softmax") };
        model.Compile(new Adam(0.01f), Loss.SparseCategoricalCrossEntropy(), Metric.Accuracy()); // or "adam", "sparse_categorical_crossentropy"
        History history = model.Fit((x, y), epochs: 15, batchSize: 32, validation: (newX, newY));
        Evaluation scores = model.Evaluate((newX, newY));
        Tensor probabilities = model.Predict(newX); // [64, 2]
        model.Save(path);

        Assert.Equal(15, history.Epochs.Count);
        Assert.True(scores["accuracy"] > 0.95, scores.ToString());
        float[] rows = probabilities.ToArray();
        for (int i = 0; i < rows.Length; i += 2) Assert.Equal(1, rows[i] + rows[i + 1], 1e-6);
        Assert.Equal(rows, Sequential.Load(path).Predict(newX).ToArray());
    }

    [Fact]
    public void Gates_and_gradients_are_shown()
    {
        (Tensor x, Tensor y) = Waves(count: 8, seed: 1);
        var layer = new Lstm(4);
        var model = new Sequential { layer, new Dense(2) };
        model.Build(new Shape(-1, -1, x.Shape[2]));
        model.Compile(new Adam(0.01f), Loss.SparseCategoricalCrossEntropy());
        layer.Parameters[2].Set([.. Enumerable.Repeat(0f, 12), .. Enumerable.Repeat(-20f, 4)]);

        RecurrentTrace trace = layer.Trace(x); // trace.Hidden, trace.Cell, trace.Gates["forget"]: [B, T, H]
        GradientFlow flow = GradientFlow.Measure(model, x, y); // the loss's gradient by time step, and by the lag from the loss
        foreach (GradientFinding finding in flow.Findings) Console.WriteLine(finding.Message);

        Assert.Equal(trace.Hidden.Shape, trace.Gates["forget"].Shape);
        Assert.All(trace.Gates["output"].ToArray(), value => Assert.True(value < 0.01f));
        Assert.Contains(flow.Findings, finding => finding.Message.StartsWith("lstm: the output gate is shut", StringComparison.Ordinal));
    }

    [Fact]
    public void Ragged_tensors_keep_their_lengths()
    {
        Tensor ragged = Tensor.FromSequences([new float[3, 2], new float[7, 2], new float[1, 2]]);
        Tensor tokens = Tensor.FromTokens([[4, 8, 15], [16, 23, 42, 7, 1]]);
        Tensor padded = Tensor.FromArray(new float[2 * 5 * 3], 2, 5, 3).WithLengths([5, 2]);

        Assert.Equal([3, 7, 1], ragged.Lengths);
        Assert.Equal([4, 8, 15, 0, 0, 16, 23, 42, 7, 1], tokens.ToArray());
        Assert.Equal([5, 2], padded.Lengths);
    }

    [Fact]
    public void A_model_has_several_inputs_and_outputs()
    {
        Tensor texts = Tensor.FromTokens([[4, 8, 15], [16], [23, 42]]), prices = Tensor.FromArray([1f, 2f, 3f], 3, 1);
        Tensor sold = Tensor.FromArray([0f, 1f, 1f], 3), days = Tensor.FromArray([5f, 2f, 1f], 3, 1);

        LayerOutput words = Input.Of(new Shape(-1, -1), "words"), price = Input.Of(new Shape(-1, 1), "price");
        LayerOutput read = new Gru(16).Of(new Embedding(1000, 8).Of(words));
        LayerOutput both = new Concatenate().Of(read, price);
        var model = new Model([words, price], [new Dense(2, "softmax", name: "sold").Of(both), new Dense(1, name: "days").Of(both)]);
        model.Compile(new Adam(0.01f), new Dictionary<string, OutputSettings>
        {
            ["sold"] = new(Loss.SparseCategoricalCrossEntropy(), Metric.Accuracy()),
            ["days"] = new(Loss.MeanSquaredError()) { Weight = 0.1f },
        });
        model.Fit((new[] { texts, prices }, new[] { sold, days }), epochs: 3);
        Tensor[] answers = model.Predict([texts, prices]); // shares and days

        Assert.Equal([new Shape(3, 2), new Shape(3, 1)], answers.Select(answer => answer.Shape));
    }

    [Fact]
    public void Layers_of_a_saved_model_get_another_head()
    {
        using var file = new TemporaryFile("");
        string path = file.Path;
        (Tensor x, _) = Waves(count: 4, seed: 1);
        var model = new Sequential(new Shape(-1, -1, 1)) { new Gru(16), new Dense(2, activation: "softmax") };
        model.Save(path);

        Sequential loaded = Sequential.Load(path);
        var tuned = new Sequential(loaded.InputShape!.Value);
        foreach (Layer layer in loaded.Layers.SkipLast(1)) tuned.Add(layer.Copy());
        tuned.Add(new Dense(5, "softmax"));
        tuned.Layers[0].Trainable = false;

        Assert.Equal(new Shape(4, 5), tuned.Predict(x).Shape);
        Assert.Equal(model.Parameters[0].ToArray(), tuned.Parameters[0].ToArray());
    }

    [Fact]
    public void A_training_loop_of_ones_own_learns()
    {
        (Tensor x, Tensor y) = Waves(count: 128, seed: 1);
        var model = new Sequential { new Gru(16), new Dense(2, activation: "softmax") };
        float first = 0, last = 0;

        var optimizer = new Adam(0.01f);
        Loss loss = Loss.SparseCategoricalCrossEntropy();
        var tape = new Tape();
        for (int step = 0; step < 60; step++)
        {
            Tensor logits = model.ForwardBeforeActivation(x, new Pass(tape, Training: true));
            Tensor value = loss.Of(logits, y);
            tape.Backward(value);
            GradientClipping.ByGlobalNorm(model.Parameters, 5f);
            optimizer.Step(model.Parameters);
            last = value.Item;
            if (step == 0) first = last;
            tape.Reset(); // recycles every tensor of the step
        }

        Assert.InRange(first, 0.6f, 0.8f);
        Assert.True(last < 0.1f, $"loss {last}");
    }

    [Fact]
    public void A_cell_of_ones_own_learns_and_is_saved()
    {
        using var file = new TemporaryFile("");
        (Tensor x, Tensor y) = Waves(count: 256, seed: 1);
        (Tensor newX, Tensor newY) = Waves(count: 64, seed: 2);

        RnnCell.Register("leaky", settings => new LeakyCell((int)settings["units"]!)); // for Load
        var model = new Sequential { new Rnn(new LeakyCell(16)), new Dense(2, activation: "softmax") };

        model.Compile(new Adam(0.01f), Loss.SparseCategoricalCrossEntropy(), Metric.Accuracy());
        History history = model.Fit((x, y), epochs: 40, batchSize: 32);
        Assert.True(history.Epochs[^1].Loss < 0.9 * history.Epochs[0].Loss, $"loss {history.Epochs[0].Loss}, then {history.Epochs[^1].Loss}");
        model.Save(file.Path);
        Assert.Equal(model.Predict(newX).ToArray(), Sequential.Load(file.Path).Predict(newX).ToArray());
    }

    [Fact]
    public void A_sequence_is_streamed_step_by_step()
    {
        (Tensor sequences, _) = Waves(count: 2, seed: 1);
        var model = new Sequential { new Gru(16), new Dense(2, activation: "softmax") };
        float[] whole = model.Predict(sequences).ToArray();
        var sensor = new Sensor(sequences.ToArray().AsSpan(0, 20).ToArray());
        float[] x = new float[1], last = [];
        void Use(ReadOnlySpan<float> answer) => last = answer.ToArray();

        using var stream = model.OpenStream();
        while (sensor.Next(x)) Use(stream.Step(x));

        Assert.Equal(whole[..2], last);

        StreamError error = StreamError.Measure(model, sequences, StreamWeights.BFloat16);
        using var small = model.OpenStream(new StreamOptions { Weights = StreamWeights.BFloat16 });

        Assert.InRange(error.Largest, 1e-6, 0.01);
        Assert.Equal(StreamWeights.BFloat16, small.Weights);
    }

    [Fact]
    public void A_forecaster_is_trained_in_one_line()
    {
        var series = new TimeSeries("wave", [.. Enumerable.Range(0, 120).Select(t => 10 + 3 * (float)Math.Sin(t * Math.PI / 6))]);

        Forecaster forecaster = Forecaster.Train(series, new ForecastOptions { Horizon = 12 });
        Forecast next = forecaster.Predict(series);

        for (int h = 0; h < 12; h++) Assert.Equal(10 + 3 * Math.Sin((120 + h) * Math.PI / 6), next.Mean[h], 0.2);
    }

    [Fact]
    public void A_translator_is_trained_from_pairs_of_sentences()
    {
        using var folder = new TemporaryFolder();
        (string sources, string targets) = ToyLanguages.Write(folder, "train", 200, 1);
        ParallelText validation = ToyLanguages.Read(folder, "validation", 20, 2), test = ToyLanguages.Read(folder, "test", 10, 3);
        var options = new TranslationOptions { Units = 24, EmbeddingUnits = 16, Merges = 60, Epochs = 2, BatchSize = 16, LearningRate = 0.005f };

        Translator translator = Translator.Train(ParallelText.FromFiles(sources, targets), validation, options);
        Translation translation = translator.Translate("hodie vidas lo karu hunti mi savi", withAlignment: true);
        TranslationScore score = translator.Evaluate(test); // BLEU as sacreBLEU computes it, chrF, perplexity

        Assert.Equal(2, translation.Alignment!.Rank);
        Assert.InRange(score.Perplexity, 1, 60);
    }

    [Fact]
    public void An_encoder_and_a_decoder_are_a_model()
    {
        LayerOutput source = Input.Of(new Shape(-1, -1)), target = Input.Of(new Shape(-1, -1));
        var (memory, state) = new Bidirectional(new Lstm(64, returnSequences: true)).WithState(new Embedding(1000, 64).Of(source));
        var decoder = new AttentiveDecoder(new Embedding(2000, 64), [new Lstm(128, returnSequences: true)], new MultiplicativeAttention()) { InputFeeding = true };
        var model = new Model([source, target], [decoder.Of([target, memory, .. state])]);

        Assert.Equal(2000, model.Predict([Tensor.FromTokens([[4, 8]]), Tensor.FromTokens([[0, 15, 16]])])[0].Shape.Features);
    }

    [Fact]
    public void A_transformer_writes_token_by_token()
    {
        var model = new Sequential { new Embedding(1000, 64), new PositionalEncoding(), new TransformerEncoder(2, 4, 256) { Causal = true }, new Dense(1000) };
        GeneratedSequence[] written = TokenGenerator.Run(new CausalTokenModel(model), new GenerationOptions { BeginToken = 2, EndToken = 3, MaximumLength = 20 });

        Assert.InRange(written.Single().Tokens.Count, 1, 20);
    }

    [Fact]
    public void What_bert_learnt_is_taken_over()
    {
        var before = new BertEncoder(new BertOptions { Vocabulary = 1000, HiddenUnits = 64, Layers = 2, Heads = 2, IntermediateUnits = 256 });
        Model pretrained = before.With([before.MaskedLanguage()], seed: 5);

        var bert = new BertEncoder(new BertOptions { Vocabulary = 1000, HiddenUnits = 64, Layers = 2, Heads = 2, IntermediateUnits = 256 });
        Model classifier = bert.With([bert.Classification(6)]);
        WeightTransfer.Run(pretrained, classifier);

        float[] Values(Model model, string name) => model.Parameters[model.ParameterNames.ToList().IndexOf(name)].ToArray();
        string table = pretrained.ParameterNames.Single(name => name.StartsWith("word_embeddings/", StringComparison.Ordinal));
        Assert.Equal(Values(pretrained, table), Values(classifier, table));
    }

    [Fact]
    public void Networks_are_compared()
    {
        (Tensor x, Tensor y) = Waves(count: 256, seed: 1);
        (Tensor newX, Tensor newY) = Waves(count: 32, seed: 2);
        (Tensor lastX, Tensor lastY) = Waves(count: 32, seed: 3);

        var task = new ComparisonTask
        {
            InputShape = new Shape(-1, -1, 1),
            Train = (x, y),
            Validation = (newX, newY),
            Test = (lastX, lastY),
            Head = () => new Dense(2),
            Loss = Loss.SparseCategoricalCrossEntropy(),
            QualityName = "loss",
            HigherIsBetter = false,
            Quality = (network, data, stop) => network.Evaluate(data, cancellation: stop).Loss,
        };
        List<ComparisonResult> results = [];
        foreach (ComparisonResult result in ModelComparison.Run(task, new ComparisonOptions { Units = 16, Epochs = 25, LearningRates = [0.01f] }, [.. ComparedModel.Standard.Where(model => model.Name is "lstm" or "gru")])) results.Add(result);

        Assert.Equal(["gru", "lstm"], results.Select(result => result.Model));
        Assert.All(results, result => Assert.InRange(result.Quality, 0, 0.6)); // ln 2 = 0.69 before training
    }

    sealed class LeakyCell(int units) : RnnCell<RecurrentState> // h' = (h + tanh(x W + h U + b)) / 2
    {
        private Parameter _w = null!, _u = null!, _b = null!;
        public override string Kind => "leaky";
        public override int Units => units;
        public override RecurrentState InitialState(int batch, Pass pass) => new(pass.Zeros(batch, units));
        public override (Tensor Output, RecurrentState Next) Step(Tensor x, RecurrentState state, Pass pass)
        {
            Tensor candidate = pass.Tanh(pass.Add(pass.Linear(x, _w, _b), pass.Linear(state.Hidden, _u)));
            Tensor next = pass.Scale(pass.Add(state.Hidden, candidate), 0.5f);
            return (next, new RecurrentState(next));
        }
        protected override void CreateParameters(int inputs)
        {
            _w = AddParameter("w", new Shape(inputs, units), "glorot_uniform");
            _u = AddParameter("u", new Shape(units, units), "orthogonal");
            _b = AddParameter("b", new Shape(units));
        }
        public override void WriteConfiguration(JsonObject configuration) => configuration["units"] = units;
    }

    /// <summary>Gives one reading after another.</summary>
    private sealed class Sensor(float[] readings)
    {
        private int _next;

        public bool Next(float[] x)
        {
            if (_next == readings.Length) return false;
            x[0] = readings[_next++];
            return true;
        }
    }

    /// <summary>Rows of 20 steps, half of them swinging at twice the rate of the others, each from a phase of its own.</summary>
    private static (Tensor X, Tensor Y) Waves(int count, ulong seed)
    {
        var phases = new RandomStream(seed, "phases");
        var x = new float[count, 20, 1];
        var y = new float[count, 1];
        for (int i = 0; i < count; i++)
        {
            y[i, 0] = i % 2;
            for (int t = 0; t < 20; t++) x[i, t, 0] = (float)Math.Sin(6.28 * phases.Uniform(i) + t * (0.5 + 0.5 * (i % 2)));
        }
        return (Tensor.FromArray(x), Tensor.FromArray(y));
    }
}

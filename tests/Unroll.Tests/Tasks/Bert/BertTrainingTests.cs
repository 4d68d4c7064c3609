using Unroll.Autograd;
using Unroll.Data;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Metrics;
using Unroll.Models;
using Unroll.Optimizers;
using Unroll.Tasks;
using Unroll.Tensors;
using Unroll.Tests.Support;
using Unroll.Text;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Bert;

/// <summary>Each head learns what can be learnt of made-up sequences, and pre-training what follows from a made-up grammar.</summary>
public sealed class BertTrainingTests
{
    private static readonly BertOptions s_small = new() { Vocabulary = 16, HiddenUnits = 32, Layers = 2, Heads = 4, IntermediateUnits = 64, MaximumPositions = 24, Dropout = 0 };

    [Fact]
    public void The_pooled_head_learns_which_of_two_tokens_is_somewhere_in_a_text()
    {
        int[][] texts = Texts(240);
        int[] classes = [.. Enumerable.Range(0, texts.Length).Select(i => i % 2)];
        for (int i = 0; i < texts.Length; i++) texts[i] = [.. texts[i].Where(id => id != 5 + classes[i])];
        var bert = new BertEncoder(s_small, withSegments: false);
        Model model = bert.With([bert.Classification(2)], seed: 1);
        Fit(model, [Tensor.FromTokens(texts[..200])], [Whole(classes[..200])], 30);
        float[] logits = model.Predict(Tensor.FromTokens(texts[200..])).ToArray();
        Assert.True(Enumerable.Range(0, 40).Count(i => (logits[2 * i + 1] > logits[2 * i] ? 1 : 0) == classes[200 + i]) >= 37);
    }

    [Fact]
    public void The_head_of_each_token_learns_to_tag_by_what_stands_before()
    {
        int[][] texts = Texts(140), tags = [.. texts.Select(text => text.Select((id, t) => t == 0 ? WholeWordMasking.Ignored : text[t - 1] % 3).ToArray())];
        var bert = new BertEncoder(s_small, withSegments: false);
        Model model = bert.With([bert.Tagging(3)], seed: 1);
        Fit(model, [Tensor.FromTokens(texts[..100])], [Tensor.FromTokens(tags[..100])], 30);
        double accuracy = model.Evaluate(new Dataset(Tensor.FromTokens(texts[100..]), Tensor.FromTokens(tags[100..])))["accuracy"];
        Assert.True(accuracy > 0.95, $"accuracy {accuracy}");
    }

    [Fact]
    public void The_head_of_spans_learns_where_an_answer_begins_and_ends()
    {
        int[][] texts = Texts(240);
        // The answer lies between tokens 5 and 6, whichever comes first, both included.
        int[] starts = [.. texts.Select(text => Math.Min(Array.IndexOf(text, 5), Array.IndexOf(text, 6)))], ends = [.. texts.Select(text => Math.Max(Array.IndexOf(text, 5), Array.IndexOf(text, 6)))];
        var bert = new BertEncoder(s_small, withSegments: false);
        (LayerOutput start, LayerOutput end) = bert.AnswerSpans();
        Model model = bert.With([start, end], seed: 1);
        Fit(model, [Tensor.FromTokens(texts[..200])], [Whole(starts[..200]), Whole(ends[..200])], 30);
        Tensor[] logits = model.Predict([Tensor.FromTokens(texts[200..])]);
        int steps = logits[0].Shape[1], right = 0;
        for (int i = 0; i < 40; i++)
        {
            AnswerSpan span = AnswerSpan.Best(logits[0].ToArray().AsSpan(i * steps, steps), logits[1].ToArray().AsSpan(i * steps, steps), limit: texts[200 + i].Length);
            if (span.Start == starts[200 + i] && span.End == ends[200 + i]) right++;
        }
        Assert.True(right >= 36, $"{right} of 40");
    }

    [Fact]
    public void Scores_of_steps_are_a_feature_with_nothing_in_the_padding_and_the_gradient_goes_back_there()
    {
        Tensor x = Tensor.FromArray([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 2, 3, 2).WithLengths([1, 3]);
        var tape = new Tape();
        tape.Watch(x);
        Tensor scores = new StepScores(1).Forward(x, new Pass(tape));
        Assert.Equal([2, -1e30f, -1e30f, 8, 10, 12], scores.ToArray());
        tape.Backward(scores, [1f, 2, 3, 4, 5, 6]);
        Assert.Equal([0, 1, 0, 0, 0, 0, 0, 4, 0, 5, 0, 6], tape.GradientOf(x).ToArray());
    }

    [Fact]
    public void Steps_are_selected_by_their_places_and_others_are_refused()
    {
        Tensor x = Tensor.FromArray([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 2, 3, 2).WithLengths([1, 3]);
        var pass = new Pass(new Tape(recording: false));
        var layer = new SelectSteps("hidden");
        Tensor selected = layer.Forward([x, Tensor.FromTokens([[0], [2, 0]])], pass);
        Assert.Equal([1, 2, 0, 0, 11, 12, 7, 8], selected.ToArray());
        Assert.Equal([1, 2], selected.Lengths.ToArray());
        Assert.Equal([5, 6, 1, 2], new SelectSteps().Forward([Tensor.FromArray([1, 2, 3, 4, 5, 6], 1, 3, 2), Tensor.FromArray([2, 0], 1, 2)], pass).ToArray());
        foreach ((float place, string found) in (ReadOnlySpan<(float, string)>)[(1, "1"), (-1, "-1"), (0.5f, "0.5")])
            Assert.Contains($"SelectSteps 'hidden': place 0 of sequence 0 is {found}; expected a whole number from 0 to 0, as the sequence has 1 steps.",
                Assert.Throws<ArgumentException>(() => layer.Forward([x, Tensor.FromArray([place, 0], 2, 1)], pass)).Message, StringComparison.Ordinal);
        Assert.Contains("expected two inputs", Assert.Throws<ArgumentException>(() => layer.Forward(x, pass)).Message, StringComparison.Ordinal);
        Assert.Contains("expected places [batch, count] for the sequences of", Assert.Throws<ArgumentException>(() => layer.Forward([x, x], pass)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pre_training_learns_to_guess_words_and_which_sentence_follows()
    {
        (IReadOnlyList<string>[] documents, WordPieceTokenizer tokenizer, BertOptions options) = Documents(96);
        var training = new BertPretrainingOptions { Epochs = 40, LearningRate = 2e-3f, BatchSize = 16, Seed = 2 };
        (Model model, IReadOnlyList<EpochResult> epochs) = BertPretraining.Pretrain(documents, tokenizer, options, training);
        Assert.Equal(40, epochs.Count);
        Assert.Same(tokenizer, model.Tokenizer);
        double guessed = epochs[^1]["masked_language_accuracy"], followed = epochs.TakeLast(10).Average(epoch => epoch["next_sentence_accuracy"]);
        // A hidden token stays readable in its neighbours. A sentence of another document is a second one in half of the cases, so that 3 of 4 can be known.
        Assert.True(guessed > 0.9, $"guessed {guessed}");
        Assert.True(followed > 0.65, $"followed {followed}");
        Assert.True(epochs[^1].Loss < 0.5 * epochs[0].Loss);

        // The same bits again, and the weights go over to another head.
        (Model once, _) = BertPretraining.Pretrain(documents, tokenizer, options, training with { Epochs = 2, NextSentence = false });
        (Model again, _) = BertPretraining.Pretrain(documents, tokenizer, options, training with { Epochs = 2, NextSentence = false });
        Assert.Equal(once.Parameters[0].ToArray(), again.Parameters[0].ToArray());
        var bert = new BertEncoder(options);
        Assert.Equal(["classifier/kernel", "classifier/bias"], WeightTransfer.Run(model, bert.With([bert.Classification(3)])).Left);
    }

    [Fact]
    public void Pre_training_that_was_stopped_goes_on_to_the_same_bits_and_tells_of_every_step()
    {
        (IReadOnlyList<string>[] documents, WordPieceTokenizer tokenizer, BertOptions options) = Documents(40);
        var training = new BertPretrainingOptions { Epochs = 3, BatchSize = 16 }; // three steps an epoch
        var all = new Steps();
        (Model expected, IReadOnlyList<EpochResult> epochs) = BertPretraining.Pretrain(documents, tokenizer, options, training, all);
        Assert.Equal([.. from epoch in Enumerable.Range(1, 3) from batch in Enumerable.Range(1, 3) select (epoch, 3, batch, 3)], all.Told);
        foreach (int stop in (ReadOnlySpan<int>)[2, 3, 5])
        {
            using var folder = new TemporaryFolder();
            var checkpoint = new CheckpointOptions(folder["checkpoint"]);
            using var source = new CancellationTokenSource();
            var some = new Steps(stop, source);
            Assert.Throws<OperationCanceledException>(() => BertPretraining.Pretrain(documents, tokenizer, options, training, some, checkpoint, cancellation: source.Token));
            (Model resumed, IReadOnlyList<EpochResult> again) = BertPretraining.Pretrain(documents, tokenizer, options, training, some, checkpoint, resume: true);
            Assert.Equal(all.Told, some.Told);
            Assert.Equal(epochs.Select(epoch => (epoch.Epoch, epoch.Loss)), again.Select(epoch => (epoch.Epoch, epoch.Loss)));
            Assert.Equal(expected.Parameters.Select(parameter => parameter.ToArray()), resumed.Parameters.Select(parameter => parameter.ToArray()));
        }
    }

    /// <summary>A document is a sentence of the first five letters and one of the others; in each a letter comes four times, once with an ending.</summary>
    private static (IReadOnlyList<string>[] Documents, WordPieceTokenizer Tokenizer, BertOptions Options) Documents(int count)
    {
        var tokenizer = new WordPieceTokenizer(new Vocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. "abcdefghij".Select(letter => $"{letter}"), "##x"], SpecialTokens.Bert));
        return ([.. Enumerable.Range(0, count).Select(d => new[] { 'a' + d % 5, 'f' + (d / 5) % 5 }.Select(letter => (char)letter).Select(letter => $"{letter} {letter}x {letter} {letter}").ToArray())],
            tokenizer, s_small with { Vocabulary = tokenizer.Vocabulary.Count });
    }

    private static void Fit(Model model, Tensor[] inputs, Tensor[] targets, int epochs)
    {
        int steps = epochs * 13;
        model.Compile(new AdamW(0.003f, 0.01) { Schedule = new WarmUp(new CosineDecay(0.003f, steps), 20) },
            [.. targets.Select(_ => new OutputSettings(Loss.SparseCategoricalCrossEntropy(), Metric.Accuracy(fromLogits: true)))]);
        model.Fit(new Dataset(inputs, targets), epochs, 16, seed: 4, options: new FitOptions { GlobalClipNorm = 1 });
    }

    private static Tensor Whole(int[] numbers) => Tensor.FromArray([.. numbers.Select(number => (float)number)], numbers.Length);

    /// <summary>[CLS] and 7 to 12 tokens, among them one 5 and one 6.</summary>
    private static int[][] Texts(int count)
    {
        var random = new Random(8);
        var texts = new int[count][];
        for (int i = 0; i < count; i++)
        {
            int[] text = [.. Enumerable.Range(0, random.Next(5, 11)).Select(_ => random.Next(7, 16)), 5, 6];
            random.Shuffle(text);
            texts[i] = [2, .. text];
        }
        return texts;
    }

    /// <summary>Keeps what it is told, and cancels once at a step.</summary>
    private sealed class Steps(int stopAt = int.MaxValue, CancellationTokenSource? source = null) : IProgress<TrainingProgress>
    {
        public List<(int Epoch, int Epochs, int Batch, int Batches)> Told { get; } = [];

        public void Report(TrainingProgress value)
        {
            Told.Add((value.Epoch, value.Epochs, value.Batch, value.Batches));
            if (Told.Count == stopAt) source?.Cancel();
        }
    }
}

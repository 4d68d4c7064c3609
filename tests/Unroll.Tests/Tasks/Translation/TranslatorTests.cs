using Unroll.Files;
using Unroll.Models;
using Unroll.Tasks;
using Unroll.Tests.Support;
using Unroll.Text;

namespace Unroll.Tests.Tasks.Translation;

/// <summary>One translator between the toy languages, trained once.</summary>
public sealed class ToyTranslator : IDisposable
{
    internal static readonly TranslationOptions Options = new() { Units = 48, EmbeddingUnits = 24, Merges = 60, Dropout = 0.1f, Epochs = 8, BatchSize = 16, LearningRate = 0.005f, Seed = 3, MaximumLength = 20 };

    public ToyTranslator()
    {
        Validation = ToyLanguages.Read(Folder, "validation", 40, 2);
        Test = ToyLanguages.Read(Folder, "test", 60, 3);
        Train = ToyLanguages.Read(Folder, "train", 600, 1);
        Translator = Translator.Train(Train, Validation, Options);
    }

    internal TemporaryFolder Folder { get; } = new();

    public ParallelText Train { get; }

    public ParallelText Validation { get; }

    public ParallelText Test { get; }

    public Translator Translator { get; }

    public void Dispose() => Folder.Dispose();
}

public sealed class TranslatorTests(ToyTranslator toy) : IClassFixture<ToyTranslator>
{
    [Fact]
    public void It_learns_words_and_their_order_and_each_token_written_has_its_alignment()
    {
        TranslationScore score = toy.Translator.Evaluate(toy.Test);
        Assert.True(score.Bleu.Score > 90, $"BLEU {score.Bleu.Score}");
        Assert.InRange(score.Perplexity, 1, 3.5);
        Assert.InRange(score.WordPerplexity, score.Perplexity, 5); // fewer words than tokens
        Unroll.Tasks.Translation one = toy.Translator.Translate("hodie vidas lo karu hunti mi savi", withAlignment: true);
        Assert.Equal("the red dog sees a horse today", one.Text);
        Assert.True(one.Ended);
        float[,] weights = one.Alignment!;
        Assert.Equal((one.TargetTokens.Count, one.SourceTokens.Count), (weights.GetLength(0), weights.GetLength(1)));
        for (int t = 0; t < one.TargetTokens.Count; t++) Assert.Equal(1, Enumerable.Range(0, one.SourceTokens.Count).Sum(s => weights[t, s]), 1e-4);
    }

    [Fact]
    public void A_translation_does_not_depend_on_the_others_and_survives_a_file()
    {
        string[] sources = [.. toy.Test.Sources.Take(20)];
        IReadOnlyList<Unroll.Tasks.Translation> together = toy.Translator.Translate(sources);
        toy.Translator.Save(toy.Folder["model.safetensors"]);
        var loaded = Translator.Load(toy.Folder["model.safetensors"]);
        for (int i = 0; i < sources.Length; i++)
        {
            Unroll.Tasks.Translation alone = loaded.Translate(sources[i]);
            Assert.Equal(together[i].Text, alone.Text);
            Assert.Equal(BitConverter.DoubleToInt64Bits(together[i].Score), BitConverter.DoubleToInt64Bits(alone.Score));
        }
        Assert.Equal(toy.Translator.MaximumLength, loaded.MaximumLength);
        Assert.Equal(toy.Translator.Translate(sources, beam: 1).Select(one => one.Text), loaded.Translate(sources, beam: 1).Select(one => one.Text));
    }

    [Fact]
    public void Equal_seeds_give_equal_files()
    {
        TranslationOptions options = ToyTranslator.Options with { Epochs = 1 };
        byte[] Bytes(string name)
        {
            Translator.Train(toy.Validation, toy.Test, options).Save(toy.Folder[name]);
            return File.ReadAllBytes(toy.Folder[name]);
        }
        Assert.Equal(Bytes("one.safetensors"), Bytes("other.safetensors"));
    }

    [Fact]
    public void What_cannot_be_translated_is_refused_with_its_place()
    {
        static string Message(Action action) => Assert.Throws<ArgumentException>(action).Message;
        Assert.Contains("sentence 2 is empty", Message(() => toy.Translator.Translate(["lo hunti", " "])), StringComparison.Ordinal);
        string longer = string.Join(' ', Enumerable.Repeat("hunti", 30));
        Assert.Contains("expected at most 20. Divide it", Message(() => toy.Translator.Translate(["lo hunti", longer])), StringComparison.Ordinal);
        Assert.Contains("TranslationOptions.Units: expected an even number", Message(() => Translator.Train(toy.Test, toy.Test, new TranslationOptions { Units = 7 })), StringComparison.Ordinal);
        Assert.Contains("expected at least one training pair of at most 2 tokens", Message(() => Translator.Train(toy.Test, toy.Test, ToyTranslator.Options with { MaximumLength = 2 })), StringComparison.Ordinal);
        Assert.Throws<OperationCanceledException>(() => toy.Translator.Translate(["lo hunti"], cancellation: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Files_that_are_no_translators_are_refused()
    {
        toy.Translator.Save(toy.Folder["whole.safetensors"]);
        var other = Model.Load(toy.Folder["whole.safetensors"]);
        other.Extras["translator"]!["target_tokenizer"]!.AsObject().Remove("vocabulary");
        other.Save(toy.Folder["broken.safetensors"]);
        Assert.Contains("its description of the translator cannot be used", Assert.Throws<ModelFileException>(() => Translator.Load(toy.Folder["broken.safetensors"])).Message, StringComparison.Ordinal);
        other.Extras.Remove("translator");
        other.Save(toy.Folder["none.safetensors"]);
        Assert.Contains("expected a translator, found a model without a section", Assert.Throws<ModelFileException>(() => Translator.Load(toy.Folder["none.safetensors"])).Message, StringComparison.Ordinal);

        // A vocabulary of more tokens than the weights have rows for.
        var grown = Model.Load(toy.Folder["whole.safetensors"]);
        var tokenizer = BytePairTokenizer.Train(toy.Train.Targets, 500, 1);
        grown.Extras["translator"]!["target_tokenizer"] = TokenizerCatalogue.Describe(tokenizer);
        grown.Save(toy.Folder["grown.safetensors"]);
        Assert.Contains("expected a target_tokenizer of at most", Assert.Throws<ModelFileException>(() => Translator.Load(toy.Folder["grown.safetensors"])).Message, StringComparison.Ordinal);
    }
}

using Unroll.Metrics.Sequences;

namespace Unroll.Tests.Metrics.Sequences;

public class BleuTests
{
    // The example of sacreBLEU's README; its figures are those of its tests (mjpost/sacrebleu, test/test_bleu.py).
    private static readonly string[] Hypotheses = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."];
    private static readonly string[][] References =
    [
        ["The dog bit the man.", "The dog had bit the man."],
        ["It was not unexpected.", "No one was surprised."],
        ["The man bit him first.", "The man had bitten the dog."],
    ];

    // A sentence of sacreBLEU's issue 98; figures of test/test_sentence_bleu.py.
    private const string Romanian = "Producția de zahăr primă va fi exprimată în ceea ce privește zahărul alb;";
    private const string RomanianReference = "producţia de zahăr brut se exprimă în zahăr alb;";

    [Fact]
    public void The_readme_example_has_sacrebleus_figures()
    {
        BleuScore score = Bleu.Of(Hypotheses, References);
        Assert.Equal(48.530827, score.Score, 6);
        Assert.Equal("BLEU = 48.53 82.4/50.0/45.5/37.5 (BP = 0.943 ratio = 0.944 hyp_len = 17 ref_len = 18)", score.ToString());
        Assert.Equal("nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:unroll-0.1.0", score.Signature);
        Assert.Equal([14, 7, 5, 3], score.Matches);
        Assert.Equal([17, 14, 11, 8], score.Totals);
        Assert.Equal(Math.Exp(1 - 18 / 17.0), score.BrevityPenalty, 15);
    }

    [Theory]
    [InlineData(BleuTokenization.None, BleuSmoothing.Exponential, 49.1919566)]
    [InlineData(BleuTokenization.International, BleuSmoothing.Exponential, 43.91623493)]
    [InlineData(BleuTokenization.Mteval13a, BleuSmoothing.None, 48.530827)]
    public void Other_settings_have_sacrebleus_figures(BleuTokenization tokenization, BleuSmoothing smoothing, double expected)
    {
        Assert.Equal(expected, Bleu.Of(Hypotheses, References, new() { Tokenization = tokenization, Smoothing = smoothing }).Score, 6);
    }

    [Fact]
    public void An_empty_reference_beside_another_does_not_count()
    {
        string[][] fewer = [["", "The dog had bit the man."], References[1], References[2]];
        BleuScore score = Bleu.Of(Hypotheses, fewer); // the README's second example
        Assert.Equal("BLEU = 29.44 82.4/42.9/27.3/12.5 (BP = 0.889 ratio = 0.895 hyp_len = 17 ref_len = 19)", score.ToString());
        Assert.StartsWith("nrefs:var|", score.Signature, StringComparison.Ordinal);
        Assert.StartsWith("nrefs:1|", Bleu.Of(["a"], [["", "b", ""]]).Signature, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BleuSmoothing.Exponential, null, BleuTokenization.Mteval13a, false, 8.493)]
    [InlineData(BleuSmoothing.None, null, BleuTokenization.Mteval13a, false, 0)]
    [InlineData(BleuSmoothing.Floor, null, BleuTokenization.Mteval13a, false, 4.51688)]
    [InlineData(BleuSmoothing.Floor, 0.5, BleuTokenization.Mteval13a, false, 10.10)]
    [InlineData(BleuSmoothing.AddK, null, BleuTokenization.Mteval13a, false, 14.882)]
    [InlineData(BleuSmoothing.AddK, 2.0, BleuTokenization.Mteval13a, false, 21.389)]
    [InlineData(BleuSmoothing.Exponential, null, BleuTokenization.None, false, 7.347)]
    [InlineData(BleuSmoothing.Exponential, null, BleuTokenization.International, false, 8.493)]
    [InlineData(BleuSmoothing.Exponential, null, BleuTokenization.Character, false, 40.8759)]
    [InlineData(BleuSmoothing.Exponential, null, BleuTokenization.Character, true, 42.0267)]
    public void A_sentence_has_sacrebleus_figures(BleuSmoothing smoothing, double? value, BleuTokenization tokenization, bool lowerCase, double expected)
    {
        var options = new BleuOptions { Smoothing = smoothing, SmoothingValue = value, Tokenization = tokenization, LowerCase = lowerCase };
        Assert.Equal(expected, Bleu.OfSentence(Romanian, [RomanianReference], options).Score, 1e-3);
    }

    [Theory]
    [InlineData("test", "a test", 36.78794411714425)] // exp(1 − 2 / 1)
    [InlineData("a test", "a test", 100)]
    [InlineData("a little test", "a test", 3.218297948685433)] // (2/3 · 0.01/2 · 0.01/1)^(1/3)
    [InlineData("this is a fest", "this is a test", 22.3606797749979)]
    public void Effective_order_leaves_out_what_no_hypothesis_is_long_enough_for(string hypothesis, string reference, double expected)
    {
        var options = new BleuOptions { Tokenization = BleuTokenization.None, Smoothing = BleuSmoothing.Floor, SmoothingValue = 0.01 };
        Assert.Equal(expected, Bleu.OfSentence(hypothesis, [reference], options).Score, 1e-9); // test/test_bleu.py
        BleuScore whole = Bleu.Of([hypothesis], [reference], options);
        Assert.Equal(hypothesis.Split(' ').Length < 4 ? 0 : expected, whole.Score, 1e-9);
        Assert.Contains("|smooth:floor[0.01]|", whole.Signature, StringComparison.Ordinal);
    }

    [Fact]
    public void Matches_are_clipped_to_the_reference_with_the_most()
    {
        // Papineni et al. 2002, section 2.1: seven times "the" against references with two and one.
        BleuScore score = Bleu.Of(["the the the the the the the"], [["The cat is on the mat.", "There is a cat on the mat."]], new() { LowerCase = true });
        Assert.Equal([2, 0, 0, 0], score.Matches);
        Assert.Equal([7, 6, 5, 4], score.Totals);
        Assert.Equal([100 * 2 / 7.0, 100 / 2.0 / 6, 100 / 4.0 / 5, 100 / 8.0 / 4], score.Precisions);
        Assert.Equal("nrefs:2|case:lc|eff:no|tok:13a|smooth:exp|version:unroll-0.1.0", score.Signature);
    }

    [Fact]
    public void The_brevity_penalty_takes_the_closest_length_and_the_shorter_of_two()
    {
        Assert.Equal(3, Bleu.Of(["a b c d"], [["a b c d e", "a b c", "a"]]).ReferenceLength);
        Assert.Equal(5, Bleu.Of(["a b c d"], [["a b c d e", "a b", "a"]]).ReferenceLength);
    }

    [Fact]
    public void Texts_without_words_divide_nothing_by_zero()
    {
        BleuScore nothing = Bleu.Of(["", "", ""], References);
        Assert.Equal((0, 0, 0), (nothing.Score, nothing.BrevityPenalty, nothing.HypothesisLength));
        Assert.Equal([0, 0, 0, 0], nothing.Precisions);
        Assert.Equal((0, 1, 0), (Bleu.Of([""], [""]).Score, Bleu.Of([""], [""]).BrevityPenalty, Bleu.Of([""], [""]).ReferenceLength));
        Assert.Equal(0, Bleu.Of(["a b c d e"], [""]).Score);
        Assert.Equal(0, Bleu.OfSentence("this is a cat", ["okay thanks"], new() { Smoothing = BleuSmoothing.AddK }).Score); // sacreBLEU's issue 141
    }

    [Fact]
    public void Random_corpora_agree_with_the_plain_definition()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            string[] hypotheses = RandomTexts.Many(1 + seed, 12, seed);
            string[][] references = RandomTexts.References(hypotheses, 1000 + seed);
            Assert.Equal(PlainSequenceMetrics.Bleu(hypotheses, references), Bleu.Of(hypotheses, references).Score, 1e-9);
        }
    }

    [Fact]
    public void A_long_sentence_fills_the_table_and_a_short_one_after_it_finds_it_empty()
    {
        string text = string.Join(' ', Enumerable.Range(0, 20000).Select(i => i * i % 7919));
        Assert.Equal(100, Bleu.Of([text, "1 4 9 16"], [text, "1 4 9 16"]).Score, 1e-9);
        BleuScore second = Bleu.Of([text, "0 1 4 9"], [text, "5 6 7 8"]);
        Assert.Equal([20000, 19999, 19998, 19997], second.Matches);
    }

    [Fact]
    public void Bad_input_is_named()
    {
        Assert.Contains("BLEU: expected as many hypotheses as references, received 2 and 1", Assert.Throws<ArgumentException>(() => Bleu.Of(["a", "b"], ["a"])).Message);
        Assert.Contains("received 1 and 2", Assert.Throws<ArgumentException>(() => Bleu.Of(["a"], [["a"], ["b"]])).Message);
        Assert.Contains("at least one sentence", Assert.Throws<ArgumentException>(() => Bleu.Of([], Array.Empty<string>())).Message);
        Assert.Contains("at least one reference for sentence 1", Assert.Throws<ArgumentException>(() => Bleu.Of(["a", "b"], [["a"], []])).Message);
        Assert.Contains("hypothesis 1 is null", Assert.Throws<ArgumentException>(() => Bleu.Of(["a", null!], ["a", "b"])).Message);
        Assert.Contains("reference 0 is null", Assert.Throws<ArgumentException>(() => Bleu.Of(["a"], [(string)null!])).Message);
        Assert.Contains("reference 1 of sentence 0 is null", Assert.Throws<ArgumentException>(() => Bleu.Of(["a"], [["a", null!]])).Message);
        Assert.Throws<ArgumentNullException>(() => Bleu.Of(null!, ["a"]));
        Assert.Contains("received -1", Assert.Throws<ArgumentOutOfRangeException>(() => Bleu.Of(["a"], ["a"], new() { SmoothingValue = -1 })).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Bleu.Of(["a"], ["a"], new() { SmoothingValue = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Bleu.Of(["a"], ["a"], new() { Tokenization = (BleuTokenization)9 }));
    }
}

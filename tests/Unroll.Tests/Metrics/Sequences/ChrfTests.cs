using Unroll.Metrics.Sequences;

namespace Unroll.Tests.Metrics.Sequences;

public class ChrfTests
{
    [Theory] // mjpost/sacrebleu, test/test_chrf.py, effective order, beta 3
    [InlineData("a", "a", 100)]
    [InlineData("", "reference", 0)]
    [InlineData("a b c", "a b c", 100)]
    [InlineData("a b c", "abc", 100)]
    [InlineData("", "c", 0)]
    [InlineData("aa", "ab", 25)]
    [InlineData("abcdefg", "hijklmnop", 0)]
    public void Short_texts_have_sacrebleus_figures(string hypothesis, string reference, double expected)
    {
        Assert.Equal(expected, Chrf.Of([hypothesis], [reference], new() { Beta = 3 }).Score, 1e-9);
    }

    [Fact]
    public void A_corpus_adds_counts_and_not_scores()
    {
        Assert.Equal(50, Chrf.Of(["a", "b"], ["a", "c"], new() { Beta = 3 }).Score, 1e-9); // test_chrf.py
        // "ab" ~ "ab" and "c" ~ "cdef": precision (3/3 + 1/1) / 2, recall (3/6 + 1/4 …): orders 1 and 2 alone are on both sides.
        double precision = (3 / 3.0 + 1 / 1.0) / 2, recall = (3 / 6.0 + 1 / 4.0) / 2;
        Assert.Equal(100 * 5 * precision * recall / (4 * precision + recall), Chrf.Of(["ab", "c"], ["ab", "cdef"]).Score, 1e-9);
    }

    [Theory] // test_chrf.py, beta 3
    [InlineData("Die Beziehung zwischen Obama und Netanjahu ist nicht gerade freundlich.", "Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich.", 67.3481606)]
    [InlineData(
        "risk assessment must be made of those who are qualified and expertise in the sector - these are the scientists .",
        "risk assessment has to be undertaken by those who are qualified and expert in that area - that is the scientists .",
        65.2414427)]
    public void Whitespace_can_count(string hypothesis, string reference, double expected)
    {
        ChrfScore score = Chrf.Of([hypothesis], [reference], new() { Beta = 3, KeepWhitespace = true });
        Assert.Equal(expected, score.Score, 1e-6);
        Assert.Equal("nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:yes|version:unroll-0.1.0", score.Signature);
    }

    [Theory] // the documentation of Hugging Face's chrf, which calls sacreBLEU
    [InlineData(0, false, 84.64214891738334, "chrF2")]
    [InlineData(2, false, 82.87263732906315, "chrF2++")]
    [InlineData(2, true, 92.12853119829202, "chrF2++")]
    public void Words_count_in_chrf_plus_plus(int wordOrder, bool lowerCase, double expected, string name)
    {
        string[] hypotheses = ["The relationship between cats and dogs is not exactly friendly.", "a good bookshop is just a genteel black hole that knows how to read."];
        string[] references = ["The relationship between dogs and cats is not exactly friendly.", "A good bookshop is just a genteel Black Hole that knows how to read."];
        ChrfScore score = Chrf.Of(hypotheses, references, new() { WordOrder = wordOrder, LowerCase = lowerCase });
        Assert.Equal(expected, score.Score, 1e-9);
        Assert.Equal(name, score.Name);
    }

    [Fact]
    public void The_best_of_several_references_counts()
    {
        // sacreBLEU's README.
        string[] hypotheses = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."];
        string[][] references =
        [
            ["The dog bit the man.", "The dog had bit the man."],
            ["It was not unexpected.", "No one was surprised."],
            ["The man bit him first.", "The man had bitten the dog."],
        ];
        Assert.Equal("chrF2 = 59.73", Chrf.Of(hypotheses, references).ToString());
    }

    [Fact]
    public void Random_corpora_agree_with_the_plain_definition()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            string[] hypotheses = RandomTexts.Many(1 + seed % 7, 12, seed);
            string[][] references = RandomTexts.References(hypotheses, 1000 + seed);
            foreach (int wordOrder in new[] { 0, 2 })
                Assert.Equal(PlainSequenceMetrics.Chrf(hypotheses, references, wordOrder), Chrf.Of(hypotheses, references, new() { WordOrder = wordOrder }).Score, 1e-9);
        }
    }

    [Fact]
    public void A_surrogate_pair_is_one_character_and_a_lone_one_is_another()
    {
        Assert.Equal(0, Chrf.Of(["\ud83d"], ["😀"]).Score);
        Assert.Equal(100, Chrf.Of(["\ude00\ud83d"], ["\ude00\ud83d"]).Score, 1e-9);
    }

    [Fact]
    public void Bad_input_is_named()
    {
        Assert.Contains("chrF: expected as many hypotheses as references, received 1 and 2", Assert.Throws<ArgumentException>(() => Chrf.Of(["a"], ["a", "b"])).Message);
        Assert.Contains("at least one sentence", Assert.Throws<ArgumentException>(() => Chrf.Of([], Array.Empty<string[]>())).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Chrf.Of(["a"], ["a"], new() { CharacterOrder = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Chrf.Of(["a"], ["a"], new() { WordOrder = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Chrf.Of(["a"], ["a"], new() { Beta = double.NaN }));
    }
}

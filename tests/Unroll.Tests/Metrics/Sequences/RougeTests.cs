using Unroll.Metrics.Sequences;

namespace Unroll.Tests.Metrics.Sequences;

public class RougeTests
{
    // Line 1 of google-research/rouge's test data; its figures there come from runs of ROUGE-1.5.5.
    private const string Prediction = "rFDJCRtion Ht-LM EKtDXkME,yz'RBr q'wer wrojNbN wL,b .a-'XdQggyFl jB-RPP'iyOIcUxi";
    private const string Target = "ZfbCUIUuePaiLVUlCaUXxkpu XPeWing tUHfPMuZ',-Xd Y BrUgVJing M-HV.-DgdDaY.rFDJCRing Ht-LM EKBDXkME,yz'RBr q'wtion wIojNbN wL,b .a-'XdQggyFl jB-RPP'iyOIcUxer tKM L";

    [Fact]
    public void A_pair_has_the_figures_of_rouge_1_5_5()
    {
        Close(0.68750, 0.40741, 0.51163, Rouge.N(Prediction, Target, 1));
        Close(0.53333, 0.30769, 0.39024, Rouge.N(Prediction, Target, 2));
        Close(0.68750, 0.40741, 0.51163, Rouge.L(Prediction, Target));
    }

    [Fact]
    public void Ngrams_match_as_often_as_both_sides_have_them()
    {
        // a a b | a b a b: unigrams min(2, 2) + min(1, 2) = 3; bigrams ab 1 of {aa, ab} and {ab, ba, ab}.
        Close(3 / 3.0, 3 / 4.0, 6 / 7.0, Rouge.N("a a b", "A b, a b!", 1));
        Close(1 / 2.0, 1 / 3.0, 2 / 5.0, Rouge.N("a a b", "a b a b", 2));
        Assert.Equal(default, Rouge.N("a a b", "a b a b", 3));
        Assert.Equal(default, Rouge.N("a", "a", 2));
    }

    [Fact]
    public void The_longest_common_subsequence_has_gaps_and_an_order()
    {
        // Lin 2004, section 3.1: against "police killed the gunman" the first has 3 of 4 in order, the second 2.
        Assert.Equal(0.75, Rouge.L("police kill the gunman", "police killed the gunman").F1, 12);
        Assert.Equal(0.5, Rouge.L("the gunman kill police", "police killed the gunman").F1, 12);
        Close(1, 2 / 3.0, 4 / 5.0, Rouge.L("testing two", "testing one two"));
    }

    [Fact]
    public void A_summary_counts_the_union_over_its_sentences()
    {
        // Lin 2004, section 3.2: w1 w2 and w1 w3 w5 make four of five.
        Close(4 / 10.0, 4 / 5.0, 8 / 15.0, Rouge.Lsum("w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5", "w1 w2 w3 w4 w5"));
        // A word of the hypothesis is not counted for two sentences of the reference.
        Close(1 / 2.0, 1 / 3.0, 2 / 5.0, Rouge.Lsum("a x", "a b\n\na"));
    }

    [Fact]
    public void A_corpus_is_the_mean_of_its_pairs()
    {
        RougeScore one = Rouge.N("a b", "a c d", 1), two = Rouge.N("x y z", "x y z", 1);
        Close((one.Precision + 1) / 2, (one.Recall + 1) / 2, (one.F1 + 1) / 2, Rouge.N(["a b", "x y z"], ["a c d", "x y z"], 1));
        Assert.Equal(1, two.F1);
    }

    [Fact]
    public void Other_scripts_need_the_division_at_whitespace()
    {
        Assert.Equal(default, Rouge.N("привет мир", "привет мир", 1));
        Assert.Equal(1, Rouge.N("привет мир", "привет мир", 1, RougeTokenization.Whitespace).F1);
        Assert.Equal(0.5, Rouge.N("A \ud83d", "a \ud83d", 1, RougeTokenization.Whitespace).F1);
    }

    [Fact]
    public void Texts_without_words_score_nothing()
    {
        foreach ((string hypothesis, string reference) in new[] { ("", "a"), ("a", ""), ("", ""), ("/", "a") })
        {
            Assert.Equal(default, Rouge.N(hypothesis, reference, 1));
            Assert.Equal(default, Rouge.L(hypothesis, reference));
            Assert.Equal(default, Rouge.Lsum(hypothesis, reference));
        }
    }

    [Fact]
    public void Bad_input_is_named()
    {
        Assert.Contains("expected an order of at least 1, received 0", Assert.Throws<ArgumentOutOfRangeException>(() => Rouge.N("a", "a", 0)).Message);
        Assert.Contains("ROUGE-L: expected as many hypotheses as references, received 2 and 1", Assert.Throws<ArgumentException>(() => Rouge.L(["a", "b"], ["a"])).Message);
        Assert.Contains("ROUGE-Lsum: hypothesis 0 is null", Assert.Throws<ArgumentException>(() => Rouge.Lsum(null!, "a")).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Rouge.L("a", "a", (RougeTokenization)2));
    }

    private static void Close(double precision, double recall, double f1, RougeScore score)
    {
        Assert.Equal(precision, score.Precision, 5);
        Assert.Equal(recall, score.Recall, 5);
        Assert.Equal(f1, score.F1, 5);
    }
}

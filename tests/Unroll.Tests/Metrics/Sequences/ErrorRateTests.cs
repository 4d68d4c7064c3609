using Unroll.Metrics.Sequences;

namespace Unroll.Tests.Metrics.Sequences;

public class ErrorRateTests
{
    [Theory] // jitsi/jiwer, tests/test_measures.py and test_empty_ref.py
    [InlineData("This is a test", "This is a test", 0)]
    [InlineData("", "This is a test", 1)]
    [InlineData("This test", "This is a test", 0.5)]
    [InlineData("i am a considerably longer and very much incorrect hypothesis", "i am a short ground truth", 7 / 6.0)]
    [InlineData("X X Y Y", "X", 3)]
    [InlineData("X Z", "X Y X", 2 / 3.0)]
    [InlineData("Y Z", "X", 2)]
    [InlineData("", "", 0)]
    [InlineData("0 1 2", "", 3)]
    public void Word_error_rates_are_jiwers(string hypothesis, string reference, double expected)
    {
        Assert.Equal(expected, ErrorRate.Words(hypothesis, reference).Rate, 15);
    }

    [Theory] // jitsi/jiwer, tests/test_cer.py and test_empty_ref.py
    [InlineData("This test", "This is a test", 5 / 14.0)]
    [InlineData("X X Y Y", "X", 6)]
    [InlineData("X Z", "X Y X", 3 / 5.0)]
    [InlineData("abd", "", 3)]
    [InlineData("", "abc", 1)]
    [InlineData("  abc\n", "abc", 0)]
    [InlineData("😀", "a", 1)] // a pair is one character
    [InlineData("e\u0301", "é", 2)] // as code points, not as readers see them
    public void Character_error_rates_are_jiwers(string hypothesis, string reference, double expected)
    {
        Assert.Equal(expected, ErrorRate.Characters(hypothesis, reference).Rate, 15);
    }

    [Fact]
    public void A_lone_surrogate_is_a_character()
    {
        Assert.Equal(new ErrorCounts(0, 1, 0, 1), ErrorRate.Characters("\ude00\ud83d", "😀"));
        Assert.Equal(new ErrorCounts(1, 0, 0, 0), ErrorRate.Words("\ud83d", " \ud83d "));
    }

    [Fact]
    public void Of_alignments_with_as_few_errors_one_with_the_most_hits_counts()
    {
        // x a b | a b y: three substitutions, or an insertion, two hits and a deletion.
        Assert.Equal(new ErrorCounts(2, 0, 1, 1), ErrorRate.Words("x a b", "a b y"));
        // a x | b a: two substitutions or insertion, hit, deletion: two errors each.
        Assert.Equal(new ErrorCounts(1, 0, 1, 1), ErrorRate.Words("a x", "b a"));
    }

    [Fact]
    public void A_corpus_adds_errors_and_lengths()
    {
        Assert.Equal(new ErrorCounts(2, 0, 0, 1), ErrorRate.Words(["hello world", "done"], ["hello world", ""]));
        Assert.Equal(0.5, ErrorRate.Words(["hello world", "done"], ["hello world", ""]).Rate);
        Assert.Equal(new ErrorCounts(6, 1, 3, 3), ErrorRate.Characters(["i am", "y good"], ["i", "am i good"])); // test_cer.py
        ErrorCounts counts = ErrorRate.Words("this was a messy test", "this is a test of skill");
        Assert.Equal((5, 6, 4), (counts.HypothesisLength, counts.ReferenceLength, counts.Errors));
    }

    [Fact]
    public void An_alignment_says_what_stands_against_what()
    {
        // jitsi/jiwer, tests/test_alignment.py: a substitution, an insertion and two deletions.
        TokenAlignment<string> alignment = ErrorRate.AlignWords("this was a messy test", "this is a test of skill");
        Assert.Equal(
            [
                new(EditKind.Hit, 0, 0), new(EditKind.Substitution, 1, 1), new(EditKind.Hit, 2, 2), new(EditKind.Insertion, 3, -1),
                new(EditKind.Hit, 4, 3), new(EditKind.Deletion, -1, 4), new(EditKind.Deletion, -1, 5),
            ],
            alignment.Steps);
        Assert.Equal("messy", alignment.Hypothesis[3]);
        Assert.Equal(["a", "\ud83d", " ", "😀"], ErrorRate.AlignCharacters("a\ud83d 😀 ", "").Hypothesis);
        Assert.Empty(ErrorRate.AlignWords("", "").Steps);
    }

    [Fact]
    public void Counts_and_alignments_agree_with_a_search_over_all_alignments()
    {
        var random = new Random(3);
        for (int round = 0; round < 300; round++)
        {
            int[] hypothesis = [.. Enumerable.Range(0, random.Next(7)).Select(_ => random.Next(3))];
            int[] reference = [.. Enumerable.Range(0, random.Next(7)).Select(_ => random.Next(3))];
            ErrorCounts counts = ErrorRate.Tokens(hypothesis, reference);
            TokenAlignment<int> alignment = ErrorRate.AlignTokens(hypothesis, reference);
            Assert.Equal(Best(hypothesis, reference), (counts.Errors, -counts.Hits));
            Assert.Equal(counts, alignment.Counts);
            Assert.Equal((hypothesis.Length, reference.Length), (counts.HypothesisLength, counts.ReferenceLength));
            Assert.Equal(Enumerable.Range(0, hypothesis.Length), alignment.Steps.Select(step => step.Hypothesis).Where(i => i >= 0));
            Assert.Equal(Enumerable.Range(0, reference.Length), alignment.Steps.Select(step => step.Reference).Where(i => i >= 0));
            foreach (EditStep step in alignment.Steps.Where(step => step is { Hypothesis: >= 0, Reference: >= 0 }))
                Assert.Equal(hypothesis[step.Hypothesis] == reference[step.Reference] ? EditKind.Hit : EditKind.Substitution, step.Kind);
        }
    }

    [Fact]
    public void Bad_input_is_named()
    {
        Assert.Contains("Word error rate: expected as many hypotheses as references, received 1 and 2", Assert.Throws<ArgumentException>(() => ErrorRate.Words(["a"], ["a", "b"])).Message);
        Assert.Contains("Character error rate: expected at least one sentence", Assert.Throws<ArgumentException>(() => ErrorRate.Characters([], [])).Message);
        Assert.Contains("reference 0 is null", Assert.Throws<ArgumentException>(() => ErrorRate.AlignWords("a", null!)).Message);
        Assert.Throws<ArgumentNullException>(() => ErrorRate.Tokens(null!, [1]));
        Assert.Contains("too many to align", Assert.Throws<ArgumentException>(() => ErrorRate.AlignTokens(new int[60000], new int[60000])).Message);
    }

    /// <summary>The fewest errors, and minus the most hits that go with them.</summary>
    private static (long Errors, long MinusHits) Best(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        if (a.IsEmpty || b.IsEmpty) return (a.Length + b.Length, 0);
        (long Errors, long MinusHits) through = Best(a[1..], b[1..]), without = Best(a[1..], b), with = Best(a, b[1..]);
        through = a[0] == b[0] ? (through.Errors, through.MinusHits - 1) : (through.Errors + 1, through.MinusHits);
        return new[] { through, (without.Errors + 1, without.MinusHits), (with.Errors + 1, with.MinusHits) }.Min();
    }
}

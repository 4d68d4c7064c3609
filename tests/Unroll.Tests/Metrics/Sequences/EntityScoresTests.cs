using Unroll.Metrics.Sequences;

namespace Unroll.Tests.Metrics.Sequences;

public class EntityScoresTests
{
    [Theory]
    [InlineData("O O O B-MISC I-MISC I-MISC O B-PER I-PER", "MISC 3 6, PER 7 9")]
    [InlineData("I-A I-A O I-A", "A 0 2, A 3 4")] // a stray I begins an entity
    [InlineData("B-A I-B I-A", "A 0 1, B 1 2, A 2 3")] // another type begins one
    [InlineData("B-A B-A I-A", "A 0 1, A 1 3")]
    [InlineData("S-A S-A B-A I-A E-A I-A", "A 0 1, A 1 2, A 2 5, A 5 6")]
    [InlineData("E-A E-A B-A E-A O E-B", "A 0 1, A 1 2, A 2 4, B 5 6")]
    [InlineData("B-X-Y I-X-Y", "X-Y 0 2")]
    [InlineData("O O", "")]
    [InlineData("", "")]
    public void Entities_begin_and_end_as_in_conlleval(string tags, string expected)
    {
        Assert.Equal(expected, string.Join(", ", EntitySpans.Of(Split(tags)).Select(span => $"{span.Type} {span.Start} {span.End}")));
    }

    [Fact]
    public void Types_are_scored_apart_and_together()
    {
        // chakki-works/seqeval, tests/test_v1.py.
        EntityScores scores = EntityScores.Of([Split("O B-B B-C B-A")], [Split("B-A B-B O B-A")]);
        Assert.Equal(["A", "B", "C"], scores.ByType.Keys);
        Assert.Equal((1.0, 0.5, 2 / 3.0), Of(scores.ByType["A"]));
        Assert.Equal((1.0, 1.0, 1.0), Of(scores.ByType["B"]));
        Assert.Equal((0.0, 0.0, 0.0), Of(scores.ByType["C"]));
        Assert.Equal(new EntityScore(2, 3, 3), scores.Micro);
        Assert.Equal((0.5, 4), (scores.TagAccuracy, scores.Steps));
    }

    [Fact]
    public void The_overall_figures_of_the_conll_2000_example_follow_from_its_counts()
    {
        // clips.uantwerpen.be/conll2000/chunking/output.html: 459 phrases, 539 found, 371 correct.
        (double precision, double recall, double f1) = Of(new EntityScore(371, 539, 459));
        Assert.Equal((68.83, 80.83, 74.35), (Math.Round(100 * precision, 2), Math.Round(100 * recall, 2), Math.Round(100 * f1, 2)));
    }

    [Fact]
    public void Start_end_and_type_must_all_be_right()
    {
        Assert.Equal(new EntityScore(0, 1, 1), EntityScores.Of([Split("B-A I-A O")], [Split("B-A I-A I-A")]).Micro);
        Assert.Equal(new EntityScore(0, 1, 1), EntityScores.Of([Split("O B-A I-A")], [Split("B-A I-A I-A")]).Micro);
        Assert.Equal(new EntityScore(0, 1, 1), EntityScores.Of([Split("B-B I-B I-B")], [Split("B-A I-A I-A")]).Micro);
        Assert.Equal(new EntityScore(1, 1, 1), EntityScores.Of([Split("I-A I-A E-A")], [Split("B-A I-A I-A")]).Micro); // tags may differ
        Assert.Equal(new EntityScore(2, 2, 2), EntityScores.Of([Split("B-A"), Split("I-A")], [Split("B-A"), Split("I-A")]).Micro); // a sentence's end ends one
    }

    [Fact]
    public void Random_tags_agree_with_conllevals_way_of_counting()
    {
        var random = new Random(11);
        string[] bio = ["O", "B-X", "I-X", "B-Y", "I-Y"], bioes = [.. bio, "E-X", "S-X", "E-Y", "S-Y"];
        for (int round = 0; round < 200; round++)
        {
            string[] names = round % 2 == 0 ? bio : bioes;
            int[] lengths = [.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => random.Next(12))];
            string[][] actual = [.. lengths.Select(length => Enumerable.Range(0, length).Select(_ => names[random.Next(names.Length)]).ToArray())];
            string[][] predicted = [.. actual.Select(tags => tags.Select(tag => random.Next(4) == 0 ? names[random.Next(names.Length)] : tag).ToArray())];
            Assert.Equal(Counted(predicted, actual), EntityScores.Of(predicted, actual).Micro);
        }
    }

    [Fact]
    public void Sentences_without_entities_or_steps_score_nothing()
    {
        EntityScores scores = EntityScores.Of([[], ["O"]], [[], ["O"]]);
        Assert.Equal((0.0, 0.0, 0.0), Of(scores.Micro));
        Assert.Empty(scores.ByType);
        Assert.Equal(1, scores.TagAccuracy);
        Assert.Equal(0, EntityScores.Of([[]], [[]]).TagAccuracy);
    }

    [Fact]
    public void Bad_input_is_named()
    {
        Assert.Contains("expected as many predicted sentences as actual ones, received 1 and 2", Assert.Throws<ArgumentException>(() => EntityScores.Of([["O"]], [["O"], ["O"]])).Message);
        Assert.Contains("in sentence 1, received 1 and 2", Assert.Throws<ArgumentException>(() => EntityScores.Of([["O"], ["O"]], [["O"], ["O", "O"]])).Message);
        Assert.Contains("at least one sentence", Assert.Throws<ArgumentException>(() => EntityScores.Of([], [])).Message);
        Assert.Contains("at step 1 of predicted sentence 0, received 'PER'", Assert.Throws<ArgumentException>(() => EntityScores.Of([["O", "PER"]], [["O", "O"]])).Message);
        Assert.Contains("at step 0, received ''", Assert.Throws<ArgumentException>(() => EntitySpans.Of([null!])).Message);
        Assert.Throws<ArgumentException>(() => EntitySpans.Of(["B-"]));
    }

    /// <summary>conlleval's way: one pass over both sides, with a flag for an entity that has been right so far; sentences end in O.</summary>
    private static EntityScore Counted(string[][] predicted, string[][] actual)
    {
        string[] guesses = [.. predicted.SelectMany(tags => tags.Append("O"))], truth = [.. actual.SelectMany(tags => tags.Append("O"))];
        int correct = 0, found = 0, there = 0;
        bool right = false;
        string lastGuess = "O", lastTruth = "O";
        for (int t = 0; t < truth.Length; t++)
        {
            bool guessEnds = Ends(lastGuess, guesses[t]), truthEnds = Ends(lastTruth, truth[t]);
            bool guessBegins = Begins(lastGuess, guesses[t]), truthBegins = Begins(lastTruth, truth[t]);
            if (right && guessEnds && truthEnds) correct++;
            if (guessEnds || truthEnds) right = false;
            if (guessBegins && truthBegins && guesses[t][1..] == truth[t][1..]) right = true;
            if (guessBegins) found++;
            if (truthBegins) there++;
            (lastGuess, lastTruth) = (guesses[t], truth[t]);
        }
        return new EntityScore(correct, found, there);
    }

    private static bool Begins(string last, string tag) => tag != "O" && (last == "O" || Parted(last, tag));

    private static bool Ends(string last, string tag) => last != "O" && (tag == "O" || Parted(last, tag));

    private static bool Parted(string last, string tag) => last[1..] != tag[1..] || tag[0] is 'B' or 'S' || last[0] is 'E' or 'S';

    private static (double, double, double) Of(EntityScore score) => (score.Precision, score.Recall, score.F1);

    private static string[] Split(string tags) => tags.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}

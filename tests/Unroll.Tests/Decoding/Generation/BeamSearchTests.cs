using Unroll.Decoding;

namespace Unroll.Tests.Decoding.Generation;

/// <summary>Beam search against all sequences that there are.</summary>
public sealed class BeamSearchTests
{
    private const int Longest = 5;

    private static readonly BeamOptions s_all = new() { BeginToken = TableModel.Begin, EndToken = TableModel.End, MaximumLength = Longest, Width = 600, Best = 12 };

    /// <summary>Every sequence of at most <see cref="Longest"/> tokens with the end, with its log probabilities and what it listened to.</summary>
    private static IEnumerable<(int[] Tokens, double Log, bool Ended, double[] Coverage)> Every(int source)
    {
        var open = new Stack<(int[] Tokens, double Log, double[] Coverage)>();
        open.Push(([], 0, new double[TableModel.Places]));
        while (open.TryPop(out (int[] Tokens, double Log, double[] Coverage) top))
        {
            int last = top.Tokens.LastOrDefault(TableModel.Begin), before = top.Tokens.Length > 1 ? top.Tokens[^2] : TableModel.Begin;
            double[] logs = TableModel.LogProbabilities(source, before, last);
            double[] coverage = [.. top.Coverage.Select((sum, place) => sum + TableModel.AttentionAt(source, last, place))];
            for (int token = 0; token < TableModel.Vocabulary; token++)
            {
                double log = top.Log + logs[token];
                if (token == TableModel.End) yield return (top.Tokens, log, true, coverage);
                else if (top.Tokens.Length + 1 == Longest) yield return ([.. top.Tokens, token], log, false, coverage);
                else open.Push(([.. top.Tokens, token], log, coverage));
            }
        }
    }

    private static double Penalty(int length, double alpha) => Math.Pow((5.0 + length) / 6, alpha);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.6, 0)]
    [InlineData(2.5, 0)]
    [InlineData(0.6, 0.8)]
    public void A_beam_as_wide_as_all_sequences_finds_the_best_of_them(double alpha, double beta)
    {
        int[] sources = [3, 8, 11];
        IReadOnlyList<GeneratedSequence>[] found = BeamSearch.Run(new TableModel(sources), s_all with { LengthPenalty = alpha, CoveragePenalty = beta });
        for (int s = 0; s < sources.Length; s++)
        {
            Dictionary<(string, bool), double> scores = Every(sources[s]).ToDictionary(
                one => (string.Join(" ", one.Tokens), one.Ended),
                one => one.Log / Penalty(one.Tokens.Length + (one.Ended ? 1 : 0), alpha) + beta * one.Coverage.Sum(c => Math.Log(Math.Min(c, 1))));
            double[] best = [.. scores.Values.OrderDescending().Take(12)];
            for (int i = 0; i < 12; i++)
            {
                Assert.Equal(best[i], found[s][i].Score, 2e-6);
                Assert.Equal(best[i], scores[(string.Join(" ", found[s][i].Tokens), found[s][i].Ended)], 2e-6);
            }
            Assert.Equal(12, found[s].Select(one => (string.Join(" ", one.Tokens), one.Ended)).Distinct().Count());
        }
    }

    [Fact]
    public void Each_choice_has_its_log_probability()
    {
        GeneratedSequence best = BeamSearch.Run(new TableModel(3), s_all with { Best = 1 })[0][0];
        int before = TableModel.Begin, last = TableModel.Begin;
        int[] all = best.Ended ? [.. best.Tokens, TableModel.End] : [.. best.Tokens];
        Assert.Equal(all.Length, best.LogProbabilities.Count);
        for (int t = 0; t < all.Length; t++)
        {
            Assert.Equal(TableModel.LogProbabilities(3, before, last)[all[t]], best.LogProbabilities[t], 1e-6);
            (before, last) = (last, all[t]);
        }
        Assert.Equal(best.LogProbabilities.Sum(l => (double)l), best.LogProbability, 1e-9);
    }

    [Fact]
    public void A_beam_of_one_takes_the_likeliest_token_each_time()
    {
        for (int source = 0; source < 12; source++)
        {
            var expected = new List<int>();
            for (int before = TableModel.Begin, last = TableModel.Begin; expected.Count < Longest;)
            {
                double[] logs = TableModel.LogProbabilities(source, before, last);
                int best = Array.IndexOf(logs, logs.Max());
                if (best == TableModel.End) break;
                expected.Add(best);
                (before, last) = (last, best);
            }
            GeneratedSequence found = BeamSearch.Run(new TableModel(source), s_all with { Width = 1, Best = 1, LengthPenalty = 0 })[0][0];
            GeneratedSequence greedy = TokenGenerator.Run(new TableModel(source), s_all)[0];
            Assert.Equal(expected, greedy.Tokens);
            // A beam of one goes on past an end whose place it did not take, and compares; the first end is among what it knows.
            Assert.True(found.Score >= greedy.Score - 1e-9);
        }
    }

    [Fact]
    public void A_source_is_answered_alike_alone_and_among_others()
    {
        BeamOptions narrow = s_all with { Width = 3, Best = 3 };
        int[] sources = [3, 8, 11, 5, 2];
        IReadOnlyList<GeneratedSequence>[] together = BeamSearch.Run(new TableModel(sources), narrow);
        for (int s = 0; s < sources.Length; s++)
        {
            IReadOnlyList<GeneratedSequence> alone = BeamSearch.Run(new TableModel(sources[s]), narrow)[0];
            Assert.Equal(alone.Select(one => (string.Join(" ", one.Tokens), one.Score)), together[s].Select(one => (string.Join(" ", one.Tokens), one.Score)));
        }
    }

    [Fact]
    public void It_stops_when_no_sequence_under_way_can_become_one_of_the_best()
    {
        var model = new TableModel(3);
        BeamSearch.Run(model, s_all with { Width = 2, Best = 1, MaximumLength = 100, LengthPenalty = 0 });
        Assert.InRange(model.Steps, 2, 20);
    }

    [Fact]
    public void Prefixes_least_lengths_and_filters_hold()
    {
        IReadOnlyList<GeneratedSequence>[] found = BeamSearch.Run(new TableModel(3, 8), s_all with { Prefixes = [[2, 3], []], MinimumLength = 3 });
        Assert.Equal(12, found[0].Count);
        Assert.All(found[0], one => Assert.Equal([2, 3], one.Tokens.Take(2)));
        Assert.All(found.SelectMany(one => one), one => Assert.InRange(one.Tokens.Count, 3, Longest));
        (string, double)[] expected = [.. Every(3).Where(one => one.Tokens is [2, 3, ..] && one.Tokens.Length >= 3)
            .Select(one => (string.Join(" ", one.Tokens), one.Log / Penalty(one.Tokens.Length + (one.Ended ? 1 : 0), 0.6))).OrderByDescending(one => one.Item2).Take(12)];
        Assert.Equal(expected.Select(one => one.Item1), found[0].Select(one => string.Join(" ", one.Tokens)));

        // No token twice in a row.
        LogitFilter filter = (_, tokens, logits) =>
        {
            if (tokens.Count > 0) logits[tokens[^1]] = float.NegativeInfinity;
        };
        Assert.All(BeamSearch.Run(new TableModel(3), s_all with { Filter = filter })[0], one => Assert.DoesNotContain(one.Tokens.Zip(one.Tokens.Skip(1)), pair => pair.First == pair.Second));
        Assert.Empty(BeamSearch.Run(new TableModel(3), s_all with { Filter = (_, _, logits) => logits.Fill(float.NegativeInfinity) })[0]);
    }

    [Fact]
    public void Groups_avoid_what_earlier_groups_chose()
    {
        BeamOptions groups = s_all with { Width = 3, Best = 3, Groups = 3, Diversity = 1000, EndToken = null, LengthPenalty = 0 };
        IReadOnlyList<GeneratedSequence> found = BeamSearch.Run(new TableModel(3), groups)[0];
        for (int t = 0; t < Longest; t++) Assert.Equal(3, found.Select(one => one.Tokens[t]).Distinct().Count());
        // The first group is not disturbed by the others, and a score is the model's own.
        GeneratedSequence first = BeamSearch.Run(new TableModel(3), groups with { Width = 1, Best = 1, Groups = 1 })[0][0];
        GeneratedSequence same = found.Single(one => one.Tokens.SequenceEqual(first.Tokens));
        Assert.Equal(first.Score, same.Score);
        Assert.Equal(same.LogProbability, same.Score, 1e-9);
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        Refused("BeginToken is 4; expected a token from 0 to 3", s_all with { BeginToken = 4 });
        Refused("EndToken is -1", s_all with { EndToken = -1 });
        Refused("MaximumLength is 0", s_all with { MaximumLength = 0, MinimumLength = 0 });
        Refused("MinimumLength is 6; expected 0 to MaximumLength, 5", s_all with { MinimumLength = 6 });
        Refused("Width is 0", s_all with { Width = 0 });
        Refused("Best is 601; expected 1 to Width, 600", s_all with { Best = 601 });
        Refused("Groups is 7; expected a divisor of Width, 600", s_all with { Groups = 7 });
        Refused("LengthPenalty is NaN", s_all with { LengthPenalty = double.NaN });
        Refused("expected 1 prefixes, one a source, received 2", s_all with { Prefixes = [[], []] });
        Refused("prefix 0 has token 1; expected 0 to 3 other than the end", s_all with { Prefixes = [[1]] });
        Assert.Contains("source 0, token 0: a logit is NaN", Assert.Throws<InvalidOperationException>(() => BeamSearch.Run(new TableModel(3) { Logit = float.NaN }, s_all)).Message, StringComparison.Ordinal);
        Assert.Empty(BeamSearch.Run(new TableModel(), s_all));
        Assert.Throws<OperationCanceledException>(() => BeamSearch.Run(new TableModel(3), s_all, new CancellationToken(canceled: true)));

        static void Refused(string message, BeamOptions options) =>
            Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(() => BeamSearch.Run(new TableModel(3), options)).Message, StringComparison.Ordinal);
    }
}

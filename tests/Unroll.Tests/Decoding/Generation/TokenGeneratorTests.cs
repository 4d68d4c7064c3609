using Unroll.Decoding;

namespace Unroll.Tests.Decoding.Generation;

/// <summary>Tokens drawn one after another, against probabilities by hand.</summary>
public sealed class TokenGeneratorTests
{
    private static readonly GenerationOptions s_options = new() { BeginToken = TableModel.Begin, EndToken = TableModel.End, MaximumLength = 6 };

    // Probabilities 0.4, 0.3, 0.2, 0.1 of tokens 2, 0, 3, 1.
    private static readonly float[] s_logs = [(float)Math.Log(0.3), (float)Math.Log(0.1), (float)Math.Log(0.4), (float)Math.Log(0.2)];

    private static Dictionary<int, double> Shares(TokenSampling sampling, params int[] present)
    {
        var sampler = new TokenSampler(sampling);
        const int draws = 4000;
        return Enumerable.Range(0, draws).Select(i => sampler.Draw(s_logs, present, (i + 0.5) / draws)).GroupBy(token => token).ToDictionary(group => group.Key, group => (double)group.Count() / draws);
    }

    private static void Close(Dictionary<int, double> shares, params (int Token, double Share)[] expected)
    {
        Assert.Equal(expected.Select(one => one.Token).Order(), shares.Keys.Order());
        foreach ((int token, double share) in expected) Assert.Equal(share, shares[token], 1e-3);
    }

    [Fact]
    public void Tokens_come_as_often_as_their_probabilities_say()
    {
        Close(Shares(new TokenSampling()), (0, 0.3), (1, 0.1), (2, 0.4), (3, 0.2));
        // Squares 0.09, 0.01, 0.16, 0.04 over 0.3.
        Close(Shares(new TokenSampling { Temperature = 0.5 }), (0, 0.3), (1, 1 / 30.0), (2, 16 / 30.0), (3, 4 / 30.0));
        Close(Shares(TokenSampling.Greedy), (2, 1));
    }

    [Fact]
    public void Each_limit_leaves_what_its_paper_says()
    {
        Close(Shares(new TokenSampling { TopK = 2 }), (2, 4 / 7.0), (0, 3 / 7.0));
        Close(Shares(new TokenSampling { TopK = 9 }), (0, 0.3), (1, 0.1), (2, 0.4), (3, 0.2));
        Close(Shares(new TokenSampling { TopP = 0.41 }), (2, 4 / 7.0), (0, 3 / 7.0));
        Close(Shares(new TokenSampling { TopP = 1e-9 }), (2, 1));
        Close(Shares(new TokenSampling { MinP = 0.49 }), (2, 4 / 9.0), (0, 3 / 9.0), (3, 2 / 9.0));
        Close(Shares(new TokenSampling { MinP = 1 }), (2, 1));
        // The entropy is 1.280; the surprises 1.204 (token 0), 0.916 (2), 1.609 (3), 2.303 (1): token 0, then 3, then 2, and the likeliest is always left.
        Close(Shares(new TokenSampling { TypicalP = 0.29 }), (0, 3 / 7.0), (2, 4 / 7.0));
        Close(Shares(new TokenSampling { TypicalP = 0.31 }), (0, 3 / 9.0), (3, 2 / 9.0), (2, 4 / 9.0));
        // Token 2's log probability doubled: 0.16 beside 0.3, 0.1, 0.2, over 0.76.
        Close(Shares(new TokenSampling { RepetitionPenalty = 2 }, 2, 2), (0, 0.3 / 0.76), (1, 0.1 / 0.76), (2, 0.16 / 0.76), (3, 0.2 / 0.76));
        Close(Shares(new TokenSampling { RepetitionPenalty = 2, Temperature = 0 }, 2), (0, 1));
    }

    [Fact]
    public void A_seed_gives_the_same_answers_alone_and_among_others()
    {
        var sampling = new TokenSampling { Temperature = 1.3, TopP = 0.95 };
        GeneratedSequence[] together = TokenGenerator.Run(new TableModel(3, 8, 11), s_options, sampling, seed: 4), again = TokenGenerator.Run(new TableModel(3, 8, 11), s_options, sampling, seed: 4);
        Assert.Equal(together.Select(Text), again.Select(Text));
        Assert.Equal(Text(together[0]), Text(TokenGenerator.Run(new TableModel(3), s_options, sampling, seed: 4)[0]));
        Assert.NotEqual(together.Select(Text), TokenGenerator.Run(new TableModel(3, 8, 11), s_options, sampling, seed: 5).Select(Text));
        foreach (GeneratedSequence one in together)
        {
            int source = new[] { 3, 8, 11 }[Array.IndexOf(together, one)], before = TableModel.Begin, last = TableModel.Begin;
            int[] all = one.Ended ? [.. one.Tokens, TableModel.End] : [.. one.Tokens];
            for (int t = 0; t < all.Length; t++)
            {
                Assert.Equal(TableModel.LogProbabilities(source, before, last)[all[t]], one.LogProbabilities[t], 1e-6); // the model's own, whatever the temperature
                (before, last) = (last, all[t]);
            }
        }

        static string Text(GeneratedSequence one) => string.Join(" ", one.Tokens) + one.Ended;
    }

    [Fact]
    public async Task Tokens_arrive_one_by_one_and_can_be_stopped()
    {
        var model = new TableModel(3, 8);
        using var stop = new CancellationTokenSource();
        var seen = new List<GeneratedToken>();
        GenerationOptions endless = s_options with { EndToken = null, MaximumLength = 1_000_000 };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (GeneratedToken token in TokenGenerator.StreamAsync(model, endless, cancellation: stop.Token))
            {
                seen.Add(token);
                if (seen.Count == 10) await stop.CancelAsync();
            }
        });
        Assert.Equal(10, seen.Count);
        Assert.InRange(model.Steps, 5, 6);
        Assert.Equal(TokenGenerator.Stream(new TableModel(3, 8), endless).Take(10), seen);
        Assert.Equal([(0, 0), (1, 0), (0, 1), (1, 1)], seen.Take(4).Select(token => (token.Source, token.Position)));
    }

    [Fact]
    public void Prefixes_and_ends_hold_and_what_cannot_be_is_refused()
    {
        GeneratedSequence[] found = TokenGenerator.Run(new TableModel(3, 8), s_options with { Prefixes = [[2, 0, 3], [3]], MinimumLength = 5 }, new TokenSampling(), seed: 2);
        Assert.Equal([2, 0, 3], found[0].Tokens.Take(3));
        Assert.Equal([3], found[1].Tokens.Take(1));
        Assert.All(found, one => Assert.InRange(one.Tokens.Count, 5, 6));
        Assert.Contains("source 0, token 0: every token is forbidden", Assert.Throws<InvalidOperationException>(
            () => TokenGenerator.Run(new TableModel(3), s_options with { Filter = (_, _, logits) => logits.Fill(float.NegativeInfinity) })).Message, StringComparison.Ordinal);
        foreach (TokenSampling wrong in new TokenSampling[] { new() { Temperature = -1 }, new() { TopK = -1 }, new() { TopP = 0 }, new() { TopP = 1.1 }, new() { MinP = 2 }, new() { TypicalP = double.NaN }, new() { RepetitionPenalty = 0.5 } })
            Assert.StartsWith("TokenSampling: ", Assert.Throws<ArgumentOutOfRangeException>(() => TokenGenerator.Run(new TableModel(3), s_options, wrong)).Message, StringComparison.Ordinal);
        Assert.Empty(TokenGenerator.Run(new TableModel(), s_options));
    }
}

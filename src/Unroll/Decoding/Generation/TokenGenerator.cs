using System.Runtime.CompilerServices;
using Unroll.Basics;

namespace Unroll.Decoding;

/// <summary>
/// Chooses sequences token by token, the likeliest or by lot, all sources in one batch. A draw depends on the seed, the source and the position alone: the
/// same for any batch in which the source has its place.
/// </summary>
public static class TokenGenerator
{
    /// <summary>Whole answers.</summary>
    /// <param name="model">At its beginning, one row a source.</param>
    /// <param name="options">Beginning and end.</param>
    /// <param name="sampling">How a token is drawn; null for the likeliest.</param>
    /// <param name="seed">The draws' seed. Default 0.</param>
    /// <param name="cancellation">Looked at before each step.</param>
    /// <returns>One for each source.</returns>
    /// <exception cref="ArgumentException">Options out of range.</exception>
    /// <exception cref="InvalidOperationException">A logit that is NaN or +∞, or every token forbidden.</exception>
    public static GeneratedSequence[] Run(INextTokenModel model, GenerationOptions options, TokenSampling? sampling = null, ulong seed = 0, CancellationToken cancellation = default)
    {
        var tokens = new List<GeneratedToken>[(model ?? throw new ArgumentNullException(nameof(model))).Rows];
        for (int s = 0; s < tokens.Length; s++) tokens[s] = [];
        foreach (GeneratedToken token in Stream(model, options, sampling, seed, cancellation)) tokens[token.Source].Add(token);
        return [.. tokens.Select(chosen => new GeneratedSequence(
            [.. chosen.Where(token => !token.IsEnd).Select(token => token.Token)], [.. chosen.Select(token => token.LogProbability)],
            chosen is [.., { IsEnd: true }], chosen.Sum(token => (double)token.LogProbability)))];
    }

    /// <summary>Tokens as they are chosen: at each position one for each source that goes on.</summary>
    /// <inheritdoc cref="Run"/>
    /// <returns>The choices, the end tokens too.</returns>
    public static IEnumerable<GeneratedToken> Stream(INextTokenModel model, GenerationOptions options, TokenSampling? sampling = null, ulong seed = 0, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        sampling ??= TokenSampling.Greedy;
        options.Check(model);
        sampling.Check();
        return Steps(model, options, sampling, seed, cancellation);
    }

    /// <summary>As <see cref="Stream"/>, computed beside the caller.</summary>
    /// <inheritdoc cref="Stream"/>
    public static async IAsyncEnumerable<GeneratedToken> StreamAsync(
        INextTokenModel model, GenerationOptions options, TokenSampling? sampling = null, ulong seed = 0, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using IEnumerator<GeneratedToken> tokens = Stream(model, options, sampling, seed, cancellation).GetEnumerator();
        while (await Task.Run(tokens.MoveNext, cancellation).ConfigureAwait(false)) yield return tokens.Current;
    }

    private static IEnumerable<GeneratedToken> Steps(INextTokenModel model, GenerationOptions options, TokenSampling sampling, ulong seed, CancellationToken cancellation)
    {
        var step = new NextTokenStep(model, options);
        var sampler = new TokenSampler(sampling);
        int[] live = [.. Enumerable.Range(0, model.Rows)]; // the source of each row
        List<int>[] tokens = [.. live.Select(_ => new List<int>())];
        for (int position = 0; position < options.MaximumLength && live.Length > 0; position++)
        {
            cancellation.ThrowIfCancellationRequested();
            step.Run([.. live.Select(s => position == 0 ? options.BeginToken : tokens[s][^1])], live, position, row => tokens[live[row]]);
            var draws = new RandomStream(seed, "generation", position);
            var chosen = new GeneratedToken[live.Length];
            for (int row = 0; row < live.Length; row++)
            {
                int source = live[row], token = sampler.Draw(step.Of(row), tokens[source], draws.UniformDouble(source));
                if (token < 0) throw new InvalidOperationException($"Generation: source {source}, token {position}: every token is forbidden. Loosen the filter, or lower MinimumLength.");
                chosen[row] = new GeneratedToken(source, position, token, step.Of(row)[token], token == options.EndToken);
                tokens[source].Add(token);
            }
            foreach (GeneratedToken token in chosen) yield return token;
            int[] rows = [.. Enumerable.Range(0, live.Length).Where(row => !chosen[row].IsEnd)];
            if (rows.Length == 0) yield break;
            model.Select(rows);
            live = [.. rows.Select(row => live[row])];
        }
    }
}

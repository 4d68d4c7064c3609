namespace Unroll.Metrics.Sequences;

/// <summary>
/// ROUGE (Lin 2004) of summaries: how much of a reference's n-grams, or of its longest common subsequence, a hypothesis
/// has. As ROUGE-1.5.5 without stemming and without stop words. A corpus' score is the mean over its pairs. A text without words scores 0.
/// </summary>
public static class Rouge
{
    /// <summary>ROUGE-N: matches of n-grams, each at most as often as the other side has it.</summary>
    /// <param name="hypothesis">The text to judge.</param>
    /// <param name="reference">The text to judge it by.</param>
    /// <param name="order">n, at least 1: 1 is ROUGE-1, 2 is ROUGE-2.</param>
    /// <param name="tokenization">How texts become words.</param>
    /// <exception cref="ArgumentException">A null text.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An order below 1 or a tokenisation that is none.</exception>
    public static RougeScore N(string hypothesis, string reference, int order, RougeTokenization tokenization = RougeTokenization.AsciiWords) =>
        N([hypothesis], [reference], order, tokenization);

    /// <summary>The mean of ROUGE-N over pairs of texts.</summary>
    /// <param name="hypotheses">The texts to judge.</param>
    /// <param name="references">As many texts to judge them by.</param>
    /// <param name="order">n, at least 1: 1 is ROUGE-1, 2 is ROUGE-2.</param>
    /// <param name="tokenization">How texts become words.</param>
    /// <exception cref="ArgumentException">No pair, unequal counts or a null text.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An order below 1 or a tokenisation that is none.</exception>
    public static RougeScore N(IReadOnlyList<string> hypotheses, IReadOnlyList<string> references, int order, RougeTokenization tokenization = RougeTokenization.AsciiWords)
    {
        if (order < 1) throw new ArgumentOutOfRangeException(nameof(order), $"ROUGE-N: expected an order of at least 1, received {order}.");
        var table = new NgramTable();
        return Mean("ROUGE-N", hypotheses, references, tokenization, (tokenizer, hypothesis, reference) =>
        {
            int[] judged = tokenizer.Tokens(hypothesis), by = tokenizer.Tokens(reference);
            int judgedNgrams = judged.Length - order + 1, byNgrams = by.Length - order + 1;
            if (judgedNgrams <= 0 || byNgrams <= 0) return default;
            var matches = new long[order];
            table.Clear();
            table.AddReference(by, order);
            table.Match(judged, matches);
            return RougeScore.Of(matches[^1], judgedNgrams, byNgrams);
        });
    }

    /// <summary>ROUGE-L of sentences: the longest common subsequence of the two texts as wholes.</summary>
    /// <param name="hypothesis">The text to judge.</param>
    /// <param name="reference">The text to judge it by.</param>
    /// <param name="tokenization">How texts become words.</param>
    /// <exception cref="ArgumentException">A null text.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A tokenisation that is none.</exception>
    public static RougeScore L(string hypothesis, string reference, RougeTokenization tokenization = RougeTokenization.AsciiWords) =>
        L([hypothesis], [reference], tokenization);

    /// <summary>The mean of ROUGE-L over pairs of texts.</summary>
    /// <param name="hypotheses">The texts to judge.</param>
    /// <param name="references">As many texts to judge them by.</param>
    /// <param name="tokenization">How texts become words.</param>
    /// <exception cref="ArgumentException">No pair, unequal counts or a null text.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A tokenisation that is none.</exception>
    public static RougeScore L(IReadOnlyList<string> hypotheses, IReadOnlyList<string> references, RougeTokenization tokenization = RougeTokenization.AsciiWords) =>
        Mean("ROUGE-L", hypotheses, references, tokenization, (tokenizer, hypothesis, reference) =>
        {
            int[] judged = tokenizer.Tokens(hypothesis), by = tokenizer.Tokens(reference);
            return RougeScore.Of(LongestCommonSubsequence.Length(by, judged), judged.Length, by.Length);
        });

    /// <summary>
    /// ROUGE-L of summaries (Lin 2004, section 3.2), often called ROUGE-Lsum: of each of the reference's sentences the words that
    /// any of the hypothesis' sentences has in common with it. Each line is a sentence. As in ROUGE-1.5.5, a word counts at most as often as each text has it.
    /// </summary>
    /// <param name="hypothesis">The text to judge, one sentence a line.</param>
    /// <param name="reference">The text to judge it by, one sentence a line.</param>
    /// <param name="tokenization">How texts become words.</param>
    /// <exception cref="ArgumentException">A null text.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A tokenisation that is none.</exception>
    public static RougeScore Lsum(string hypothesis, string reference, RougeTokenization tokenization = RougeTokenization.AsciiWords) =>
        Lsum([hypothesis], [reference], tokenization);

    /// <summary>The mean of ROUGE-Lsum over pairs of texts.</summary>
    /// <param name="hypotheses">The texts to judge, one sentence a line.</param>
    /// <param name="references">As many texts to judge them by, one sentence a line.</param>
    /// <param name="tokenization">How texts become words.</param>
    /// <exception cref="ArgumentException">No pair, unequal counts or a null text.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A tokenisation that is none.</exception>
    public static RougeScore Lsum(IReadOnlyList<string> hypotheses, IReadOnlyList<string> references, RougeTokenization tokenization = RougeTokenization.AsciiWords) =>
        Mean("ROUGE-Lsum", hypotheses, references, tokenization, (tokenizer, hypothesis, reference) =>
        {
            int[][] judged = tokenizer.Sentences(hypothesis), by = tokenizer.Sentences(reference);
            Dictionary<int, int> left = Counts(judged);
            long matches = 0;
            foreach (int[] sentence in by)
            {
                var marks = new bool[sentence.Length];
                foreach (int[] other in judged) LongestCommonSubsequence.Mark(sentence, other, marks);
                for (int i = 0; i < marks.Length; i++)
                    if (marks[i] && left[sentence[i]]-- > 0) matches++;
            }
            return RougeScore.Of(matches, judged.Sum(sentence => sentence.Length), by.Sum(sentence => sentence.Length));
        });

    private static RougeScore Mean(
        string name, IReadOnlyList<string> hypotheses, IReadOnlyList<string> references, RougeTokenization tokenization, Func<RougeTokenizer, string, string, RougeScore> score)
    {
        if (!Enum.IsDefined(tokenization)) throw new ArgumentOutOfRangeException(nameof(tokenization), $"{name}: there is no tokenisation {tokenization}.");
        SequencePairs.Check(name, hypotheses, references);
        var tokenizer = new RougeTokenizer(tokenization);
        double precision = 0, recall = 0, f1 = 0;
        for (int i = 0; i < hypotheses.Count; i++)
        {
            RougeScore one = score(tokenizer, hypotheses[i], references[i]);
            precision += one.Precision;
            recall += one.Recall;
            f1 += one.F1;
        }
        return new RougeScore(precision / hypotheses.Count, recall / hypotheses.Count, f1 / hypotheses.Count);
    }

    private static Dictionary<int, int> Counts(int[][] sentences)
    {
        var counts = new Dictionary<int, int>();
        foreach (int[] sentence in sentences)
            foreach (int token in sentence) counts[token] = counts.GetValueOrDefault(token) + 1;
        return counts;
    }
}

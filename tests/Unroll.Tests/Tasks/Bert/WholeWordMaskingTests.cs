using Unroll.Tasks;
using Unroll.Text;

namespace Unroll.Tests.Tasks.Bert;

public sealed class WholeWordMaskingTests
{
    private const int Mask = 4, Examples = 400;
    private static readonly Vocabulary s_vocabulary = new(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "sun", "moon", "##s", "##hine", "star", "##light"], SpecialTokens.Bert);

    // [CLS] sun ##s ##hine moon star ##light sun [UNK] moon ##s [SEP] star sun moon star ##s moon sun [SEP]
    private static readonly int[] s_ids = [2, 5, 7, 8, 6, 9, 10, 5, 1, 6, 7, 3, 9, 5, 6, 9, 7, 6, 5, 3];
    private static readonly int[] s_words = [-1, 0, 0, 0, 1, 2, 2, 3, -1, 4, 4, -1, 5, 6, 7, 8, 8, 9, 10, -1];

    [Fact]
    public void Words_are_chosen_whole_within_the_share_and_never_a_special_token()
    {
        var masking = new WholeWordMasking(s_vocabulary, seed: 5);
        int hidden = 0, kept = 0, chosen = 0;
        for (int i = 0; i < Examples; i++)
        {
            (int[] ids, int[] targets) = masking.Of(s_ids, 0, i);
            Assert.InRange(targets.Count(target => target != WholeWordMasking.Ignored), 1, 3); // 15 % of 20
            for (int t = 0; t < ids.Length; t++)
            {
                bool isChosen = targets[t] != WholeWordMasking.Ignored;
                Assert.Equal(isChosen ? s_ids[t] : WholeWordMasking.Ignored, targets[t]);
                if (!isChosen) Assert.Equal(s_ids[t], ids[t]);
                Assert.False(isChosen && s_words[t] < 0);
                for (int other = 0; other < ids.Length && s_words[t] >= 0; other++)
                    if (s_words[other] == s_words[t]) Assert.Equal(isChosen, targets[other] != WholeWordMasking.Ignored);
                if (!isChosen) continue;
                chosen++;
                if (ids[t] == Mask) hidden++;
                if (ids[t] == s_ids[t]) kept++;
            }
        }
        Assert.True(chosen > 2.8 * Examples); // single words fill what longer ones leave
        // 80 % and a tenth's eleventh, 10 % and a tenth's eleventh, within four deviations.
        Assert.InRange(hidden / (double)chosen, 0.809 - 0.046, 0.809 + 0.046);
        Assert.InRange(kept / (double)chosen, 0.109 - 0.036, 0.109 + 0.036);
    }

    [Fact]
    public void What_is_hidden_is_a_function_of_seed_epoch_and_example()
    {
        var masking = new WholeWordMasking(s_vocabulary, seed: 5);
        (int[] Ids, int[] Targets) first = masking.Of(s_ids, 3, 17);
        masking.Of(s_ids, 9, 4);
        Assert.Equal(first, new WholeWordMasking(s_vocabulary, seed: 5).Of(s_ids, 3, 17), (a, b) => a.Ids.SequenceEqual(b.Ids) && a.Targets.SequenceEqual(b.Targets));
        int Different(Func<int, (int[] Ids, int[] Targets)> other) => Enumerable.Range(0, 20).Count(i => !masking.Of(s_ids, 0, i).Targets.SequenceEqual(other(i).Targets));
        Assert.True(Different(i => masking.Of(s_ids, 1, i)) > 15);
        Assert.True(Different(i => masking.Of(s_ids, 0, i + 1)) > 15);
        Assert.True(Different(i => new WholeWordMasking(s_vocabulary, seed: 6).Of(s_ids, 0, i)) > 15);
    }

    [Fact]
    public void Two_texts_are_read_in_segments_and_the_longer_is_cut()
    {
        var tokenizer = new WordPieceTokenizer(s_vocabulary);
        BertInput pair = BertInput.Of(tokenizer, "suns moon", "starlight sun");
        Assert.Equal([2, 5, 7, 6, 3, 9, 10, 5, 3], pair.Ids);
        Assert.Equal([0, 0, 0, 0, 0, 1, 1, 1, 1], pair.Segments);
        Assert.Equal([2, 5, 7, 3, 9, 3], BertInput.Of(tokenizer, "suns moon", "starlight sun", maximumLength: 6).Ids);
        Assert.Equal([2, 5, 7, 3], BertInput.Of(tokenizer, "suns moon", maximumLength: 4).Ids);
        Assert.Equal([0, 0, 0, 0], BertInput.Of(tokenizer, "suns moon", maximumLength: 4).Segments);
    }

    [Fact]
    public void The_best_span_is_that_of_all_pairs()
    {
        float[] start = [9, 1, 3, 0, 3, 2, -1], end = [0, 8, 1, 4, 2, 4, 7];
        Assert.Equal(new AnswerSpan(0, 1, 17), AnswerSpan.Best(start, end));
        Assert.Equal(new AnswerSpan(2, 6, 10), AnswerSpan.Best(start, end, first: 2));
        Assert.Equal(new AnswerSpan(4, 6, 10), AnswerSpan.Best(start, end, first: 2, maximumLength: 3));
        Assert.Equal(new AnswerSpan(2, 3, 7), AnswerSpan.Best(start, end, first: 2, limit: 6, maximumLength: 2));
        Assert.Throws<ArgumentException>(() => AnswerSpan.Best(start, end, first: 7));
    }
}

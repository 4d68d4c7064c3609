namespace Unroll.Metrics.Sequences;

/// <summary>
/// Scores of tagged sentences by whole entities, with conlleval's definition (Tjong Kim Sang and Buchholz, CoNLL-2000): an entity
/// is right if its type, start and end are. <see cref="EntitySpans"/> says what counts as one.
/// </summary>
/// <param name="Micro">All types together: conlleval's overall figures.</param>
/// <param name="ByType">Each type that either side has, in ordinal order.</param>
/// <param name="TagAccuracy">The share of steps with the right tag, in [0, 1]; 0 without steps.</param>
/// <param name="Steps">Steps of all sentences.</param>
public sealed record EntityScores(EntityScore Micro, IReadOnlyDictionary<string, EntityScore> ByType, double TagAccuracy, long Steps)
{
    /// <summary>The scores of predicted tags.</summary>
    /// <param name="predicted">The tags of each sentence as predicted, BIO or BIOES; a sentence may be empty.</param>
    /// <param name="actual">The tags as they are: as many sentences, each as long.</param>
    /// <exception cref="ArgumentException">No sentence, unequal counts or lengths, a null sentence or a tag of neither scheme.</exception>
    public static EntityScores Of(IReadOnlyList<IReadOnlyList<string>> predicted, IReadOnlyList<IReadOnlyList<string>> actual)
    {
        ArgumentNullException.ThrowIfNull(predicted);
        ArgumentNullException.ThrowIfNull(actual);
        SequencePairs.RequireEqual("Entity scores", predicted.Count, actual.Count, "predicted sentences", "actual ones");
        var types = new SortedDictionary<string, EntityScore>(StringComparer.Ordinal);
        EntityScore micro = default;
        long steps = 0, right = 0;
        for (int i = 0; i < predicted.Count; i++)
        {
            (IReadOnlyList<string> guesses, IReadOnlyList<string> tags) = (predicted[i], actual[i]);
            if (guesses is null || tags is null) throw new ArgumentException($"Entity scores: sentence {i} is null; give an empty list for a sentence without steps.");
            if (guesses.Count != tags.Count)
                throw new ArgumentException($"Entity scores: expected as many predicted tags as actual ones in sentence {i}, received {guesses.Count} and {tags.Count}.");
            List<EntitySpan> found = EntitySpans.Of(guesses, $" of predicted sentence {i}"), there = EntitySpans.Of(tags, $" of actual sentence {i}");
            var set = new HashSet<EntitySpan>(there);
            foreach (EntitySpan span in found) Add(span.Type, new EntityScore(set.Contains(span) ? 1 : 0, 1, 0));
            foreach (EntitySpan span in there) Add(span.Type, new EntityScore(0, 0, 1));
            for (int t = 0; t < tags.Count; t++)
                if (guesses[t] == tags[t]) right++;
            steps += tags.Count;
        }
        return new EntityScores(micro, types, steps == 0 ? 0 : (double)right / steps, steps);

        void Add(string type, EntityScore score)
        {
            types[type] = types.GetValueOrDefault(type) + score;
            micro += score;
        }
    }
}

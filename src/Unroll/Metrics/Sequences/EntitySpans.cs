using Unroll.Basics;

namespace Unroll.Metrics.Sequences;

/// <summary>
/// The entities in a sentence of BIO or BIOES tags, as conlleval (CoNLL-2000) reads them. It refuses no order of tags: an entity begins
/// wherever a tag other than O follows O, the sentence's start or another type, at every B and S, and after every E and S. So a
/// stray I or E begins an entity of its own.
/// </summary>
public static class EntitySpans
{
    /// <summary>The entities from front to back; none overlap.</summary>
    /// <param name="tags">The tags of one sentence: O, or one of B, I, E, S with a hyphen and a type. May be empty.</param>
    /// <exception cref="ArgumentException">A tag of neither scheme.</exception>
    public static IReadOnlyList<EntitySpan> Of(IReadOnlyList<string> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        return Of(tags, "");
    }

    /// <param name="tags">The tags of one sentence.</param>
    /// <param name="where">Whose they are, for the error: " of sentence 3".</param>
    internal static List<EntitySpan> Of(IReadOnlyList<string> tags, string where)
    {
        var spans = new List<EntitySpan>();
        int start = 0;
        string? open = null; // the type of the entity that has begun and not ended
        for (int i = 0; i < tags.Count; i++)
        {
            string tag = tags[i];
            if (!EntityTag.IsOne(tag))
                throw new ArgumentException($"Entities: expected 'O' or one of B-x, I-x, E-x and S-x at step {i}{where}, received '{tag}'.");
            string? type = tag == "O" ? null : open is not null && tag.AsSpan(2).SequenceEqual(open) ? open : tag[2..];
            bool begins = type is not null && (type != open || tag[0] is 'B' or 'S' || tags[i - 1][0] is 'E' or 'S');
            if (open is not null && (begins || type is null)) spans.Add(new EntitySpan(open, start, i));
            if (begins) start = i;
            open = type;
        }
        if (open is not null) spans.Add(new EntitySpan(open, start, tags.Count));
        return spans;
    }
}

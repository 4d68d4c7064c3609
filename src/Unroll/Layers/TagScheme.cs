using Unroll.Basics;
using Unroll.Kernels.Sequences;

namespace Unroll.Layers;

/// <summary>What the names of tags allow: BIO (Ramshaw and Marcus 1995; in the form in which every chunk begins with B) or BIOES.</summary>
internal static class TagScheme
{
    /// <summary>How many names there are.</summary>
    /// <exception cref="ArgumentException">None, one twice, or one of neither scheme.</exception>
    public static int Checked(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.Count == 0) throw new ArgumentException("ConditionalRandomField: expected at least one tag name, received none.", nameof(names));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (!seen.Add(name)) throw new ArgumentException($"ConditionalRandomField: the tag name '{name}' is given twice.", nameof(names));
            if (!EntityTag.IsOne(name))
                throw new ArgumentException($"ConditionalRandomField: the tag name '{name}' is neither 'O' nor one of B-x, I-x, E-x and S-x; give the number of tags for other names.", nameof(names));
        }
        return names.Count;
    }

    /// <summary>What may begin, end and follow.</summary>
    /// <exception cref="ArgumentException">A tag that no path can reach, or none can leave.</exception>
    public static ChainConstraint Constraint(IReadOnlyList<string> names)
    {
        bool closed = names.Any(name => name[0] is 'E' or 'S'); // a chunk has an end of its own
        int count = names.Count;
        var starts = new bool[count];
        var ends = new bool[count];
        var follows = new bool[count, count];
        for (int i = 0; i < count; i++)
        {
            starts[i] = names[i][0] is not ('I' or 'E');
            ends[i] = !closed || names[i][0] is not ('B' or 'I');
            for (int j = 0; j < count; j++) follows[i, j] = Follows(names[i], names[j], closed);
        }
        foreach (int i in Enumerable.Range(0, count))
        {
            string chunk = names[i][1..];
            if (!starts[i] && !names.Contains("B" + chunk)) throw new ArgumentException($"ConditionalRandomField: the tag '{names[i]}' can never be reached: there is no 'B{chunk}'.", nameof(names));
            if (!ends[i] && !names.Contains("E" + chunk)) throw new ArgumentException($"ConditionalRandomField: the tag '{names[i]}' can never be left: there is no 'E{chunk}'.", nameof(names));
        }
        return new ChainConstraint(starts, ends, follows);
    }

    private static bool Follows(string tag, string next, bool closed)
    {
        bool inside = tag[0] is 'B' or 'I', continues = next[0] is 'I' or 'E';
        bool same = inside && continues && tag[1..] == next[1..];
        return closed ? (inside ? same : !continues) : !continues || same;
    }
}

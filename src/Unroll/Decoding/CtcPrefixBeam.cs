namespace Unroll.Decoding;

/// <summary>Prefix beam search over one sequence: prefixes are a tree, each with the mass of its paths that end in a blank and in its last label.</summary>
internal sealed class CtcPrefixBeam(int width, int blank, Func<IReadOnlyList<int>, int, double>? languageModel)
{
    public IReadOnlyList<CtcHypothesis> Search(double[][] logs, int best)
    {
        var beam = new List<Prefix> { new(null, -1, 0) { Blank = 0 } };
        foreach (double[] row in logs)
        {
            var reached = new List<Prefix>();
            foreach (Prefix prefix in beam)
            {
                double total = prefix.Score;
                Reach(reached, prefix).NextBlank = LogRows.Add(prefix.NextBlank, total + row[blank]);
                if (prefix.Parent is not null) prefix.NextLabel = LogRows.Add(prefix.NextLabel, prefix.LastLabel + row[prefix.Label]);
                for (int c = 0; c < row.Length; c++)
                {
                    if (c == blank) continue;
                    // A repeat is a new label only behind a blank; without one it was merged above.
                    double from = c == prefix.Label ? prefix.Blank : total;
                    if (double.IsNegativeInfinity(from) || double.IsNegativeInfinity(row[c])) continue;
                    Prefix longer = Reach(reached, prefix.With(c, languageModel));
                    longer.NextLabel = LogRows.Add(longer.NextLabel, from + longer.Added + row[c]);
                }
            }
            foreach (Prefix prefix in reached) prefix.Advance();
            reached.Sort(Prefix.Compare);
            if (reached.Count > width) reached.RemoveRange(width, reached.Count - width);
            beam = reached;
        }
        return [.. beam.Take(best).Select(prefix => new CtcHypothesis(prefix.Labels, prefix.Score - prefix.AddedInAll, prefix.Score))];
    }

    private static Prefix Reach(List<Prefix> reached, Prefix prefix)
    {
        if (!prefix.IsReached) reached.Add(prefix);
        prefix.IsReached = true;
        return prefix;
    }

    /// <summary>A label sequence; masses are logarithms and include what the language model added.</summary>
    private sealed class Prefix(Prefix? parent, int label, double added)
    {
        private Dictionary<int, Prefix>? _longer;
        private int[]? _labels;

        public Prefix? Parent => parent;

        /// <summary>The last label; −1 for the empty sequence.</summary>
        public int Label => label;

        /// <summary>What the language model gave for the last label.</summary>
        public double Added => added;

        public double AddedInAll { get; } = (parent?.AddedInAll ?? 0) + added;

        /// <summary>Made when asked for: most prefixes are dropped unread.</summary>
        public IReadOnlyList<int> Labels => _labels ??= parent is null ? [] : [.. parent.Labels, label];

        private int Length { get; } = parent is null ? 0 : parent.Length + 1;

        public double Blank { get; set; } = double.NegativeInfinity;

        public double LastLabel { get; private set; } = double.NegativeInfinity;

        public double NextBlank { get; set; } = double.NegativeInfinity;

        public double NextLabel { get; set; } = double.NegativeInfinity;

        public bool IsReached { get; set; }

        public double Score => LogRows.Add(Blank, LastLabel);

        public Prefix With(int next, Func<IReadOnlyList<int>, int, double>? model)
        {
            _longer ??= [];
            if (!_longer.TryGetValue(next, out Prefix? longer)) _longer.Add(next, longer = new Prefix(this, next, model?.Invoke(Labels, next) ?? 0));
            return longer;
        }

        /// <summary>Makes the step's masses the present ones.</summary>
        public void Advance()
        {
            (Blank, LastLabel) = (NextBlank, NextLabel);
            NextBlank = NextLabel = double.NegativeInfinity;
            IsReached = false;
        }

        public static int Compare(Prefix a, Prefix b)
        {
            int order = b.Score.CompareTo(a.Score);
            if (order != 0) return order;
            order = a.Length.CompareTo(b.Length);
            for (int i = 0; order == 0 && i < a.Length; i++) order = a.Labels[i].CompareTo(b.Labels[i]);
            return order;
        }
    }
}

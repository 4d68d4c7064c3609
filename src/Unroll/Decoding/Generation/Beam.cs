using Unroll.Kernels.Scalars;

namespace Unroll.Decoding;

/// <summary>The sequences of one source in a <see cref="BeamSearch"/>: those under way, group by group, and those that have ended.</summary>
internal sealed class Beam
{
    private readonly BeamOptions _options;
    private readonly List<BeamNode>[] _groups;
    private readonly List<(BeamNode Node, double Score)> _ended = [];

    public Beam(int source, BeamOptions options)
    {
        (Source, _options) = (source, options);
        _groups = new List<BeamNode>[options.Groups];
        var begin = new BeamNode(options.BeginToken);
        for (int g = 0; g < _groups.Length; g++) _groups[g] = [begin];
        Live = [begin];
    }

    public int Source { get; }

    /// <summary>The sequences under way, in the order of the model's rows; at the beginning one, which all groups share.</summary>
    public IReadOnlyList<BeamNode> Live { get; private set; }

    private int GroupWidth => _options.Width / _options.Groups;

    /// <summary>Makes each sequence longer by its best tokens.</summary>
    /// <param name="step">The log probabilities.</param>
    /// <param name="firstRow">The model's row of the first sequence.</param>
    /// <param name="model">Asked for attention where coverage counts.</param>
    public void Advance(NextTokenStep step, int firstRow, INextTokenModel model)
    {
        if (Live.Count == 0) return;
        bool isFirst = Live[0].Before is null;
        var chosen = new Dictionary<int, int>(); // by how many sequences of the groups before
        int row = firstRow;
        for (int g = 0; g < _groups.Length; g++)
        {
            List<BeamNode> nodes = _groups[g];
            int rows = nodes.Count;
            _groups[g] = AdvanceGroup(nodes, step, isFirst ? firstRow : row, model, chosen);
            row += rows;
        }
        Live = [.. _groups.SelectMany(group => group)];
        if (_ended.Count >= _options.Width && !CanImprove()) Live = [];
    }

    /// <summary>The best answers: those that ended, and those that the largest length cut off.</summary>
    public IReadOnlyList<GeneratedSequence> Answers() =>
    [
        .. _ended.Select(one => (one.Node, Ended: true, one.Score))
            .Concat(Live.Select(node => (Node: node, Ended: false, Score: Score(node))))
            .OrderByDescending(one => one.Score).Take(_options.Best).Select(one => one.Node.Answer(one.Ended, one.Score)),
    ];

    private List<BeamNode> AdvanceGroup(List<BeamNode> nodes, NextTokenStep step, int firstRow, INextTokenModel model, Dictionary<int, int> chosen)
    {
        // Twice the width: at most half of the candidates end, one of each sequence.
        var candidates = new BeamCandidates(2 * GroupWidth);
        for (int i = 0; i < nodes.Count; i++)
        {
            ReadOnlySpan<float> logs = step.Of(firstRow + i);
            for (int token = 0; token < logs.Length; token++)
            {
                double score = nodes[i].Total + logs[token];
                if (score <= candidates.Least) continue; // most; −∞ too
                if (chosen.TryGetValue(token, out int times)) score -= _options.Diversity * times;
                candidates.Offer(score, i, token);
            }
        }
        var next = new List<BeamNode>();
        foreach ((_, int i, int token) in candidates.Sorted())
        {
            if (next.Count == GroupWidth) break;
            ReadOnlySpan<float> attention = _options.CoveragePenalty > 0 ? model.AttentionOf(firstRow + i) : default;
            BeamNode node = nodes[i].With(token, step.Of(firstRow + i)[token], firstRow + i, attention);
            if (token == _options.EndToken) _ended.Add((node, Score(node)));
            else next.Add(node);
        }
        foreach (BeamNode node in next) chosen[node.Token] = chosen.GetValueOrDefault(node.Token) + 1;
        return next;
    }

    /// <summary>Whether a sequence under way may still come among the best: at most with its log probability as it is, and the mildest penalty.</summary>
    private bool CanImprove()
    {
        double worst = _ended.Select(one => one.Score).OrderDescending().ElementAt(_options.Best - 1);
        return Live.Any(node => node.Total / Penalty(_options.MaximumLength + 1) > worst);
    }

    private double Score(BeamNode node)
    {
        double score = node.Total / Penalty(node.Length);
        if (node.Coverage is { } coverage)
            foreach (float listened in coverage) score += _options.CoveragePenalty * ScalarMath.Log(Math.Clamp(listened, 1e-10, 1));
        return score;
    }

    private double Penalty(int length) => ScalarMath.Exp(_options.LengthPenalty * ScalarMath.Log((5.0 + length) / 6));
}

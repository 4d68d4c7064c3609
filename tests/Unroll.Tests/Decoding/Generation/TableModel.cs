using Unroll.Decoding;

namespace Unroll.Tests.Decoding.Generation;

/// <summary>A model whose next token depends on the last two through a table of logits: a state that must be moved with its row.</summary>
internal sealed class TableModel : INextTokenModel
{
    public const int Vocabulary = 4, Begin = 0, End = 1, Places = 3;

    private List<(int Source, int Before, int Last)> _rows;
    private float[][] _attention = [];

    public TableModel(params int[] sources) => _rows = [.. sources.Select(source => (source, Begin, Begin))];

    public int VocabularySize => Vocabulary;

    public int Rows => _rows.Count;

    /// <summary>The number of steps so far.</summary>
    public int Steps { get; private set; }

    /// <summary>What replaces the logits, or null.</summary>
    public float? Logit { get; init; }

    public static float LogitOf(int source, int before, int last, int token) => (float)(2 * Math.Sin(1.3 * source + 2.1 * before + 0.9 * last * last + 1.7 * token + 0.31 * token * token * (last + 1)));

    public static float AttentionAt(int source, int last, int place) => (float)(0.5 + 0.5 * Math.Sin(source + 2 * last + 1.9 * place)) * 0.6f;

    public static double[] LogProbabilities(int source, int before, int last)
    {
        double[] logits = [.. Enumerable.Range(0, Vocabulary).Select(token => (double)LogitOf(source, before, last, token))];
        double log = Math.Log(logits.Sum(Math.Exp));
        return [.. logits.Select(logit => logit - log)];
    }

    public void Step(ReadOnlySpan<int> lastTokens, Span<float> logits)
    {
        Steps++;
        _attention = new float[_rows.Count][];
        for (int row = 0; row < _rows.Count; row++)
        {
            (int source, _, int before) = _rows[row];
            _rows[row] = (source, before, lastTokens[row]);
            for (int token = 0; token < Vocabulary; token++) logits[row * Vocabulary + token] = Logit ?? LogitOf(source, before, lastTokens[row], token);
            int last = lastTokens[row];
            _attention[row] = [.. Enumerable.Range(0, Places).Select(place => AttentionAt(source, last, place))];
        }
    }

    public void Select(ReadOnlySpan<int> sources)
    {
        var next = new List<(int, int, int)>();
        foreach (int source in sources) next.Add(_rows[source]);
        _rows = next;
    }

    public ReadOnlySpan<float> AttentionOf(int row) => _attention[row];
}

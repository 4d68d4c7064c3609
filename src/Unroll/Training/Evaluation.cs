namespace Unroll.Training;

/// <summary>Loss and metrics over a data set.</summary>
public sealed class Evaluation
{
    private readonly KeyValuePair<string, double>[] _values;

    internal Evaluation(IEnumerable<KeyValuePair<string, double>> values) => _values = [.. values];

    /// <summary>The mean loss over the targets.</summary>
    public double Loss => this["loss"];

    /// <summary>Names and values, "loss" first, then the metrics as compiled.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Values => _values;

    /// <summary>A value by name, for example <c>scores["accuracy"]</c>.</summary>
    /// <exception cref="KeyNotFoundException">No such value; the message lists those there are.</exception>
    public double this[string name]
    {
        get
        {
            foreach (KeyValuePair<string, double> pair in _values) if (pair.Key == name) return pair.Value;
            throw new KeyNotFoundException($"The evaluation has no '{name}'; there are {string.Join(", ", _values.Select(pair => pair.Key))}.");
        }
    }

    /// <summary>For example <c>loss 0.4312, accuracy 0.8800</c>.</summary>
    public override string ToString() => string.Join(", ", _values.Select(pair =>
        pair.Key + " " + pair.Value.ToString("0.0000", System.Globalization.CultureInfo.InvariantCulture)));
}

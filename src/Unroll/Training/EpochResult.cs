namespace Unroll.Training;

/// <summary>What one epoch of training came to.</summary>
public sealed class EpochResult
{
    private readonly KeyValuePair<string, double>[] _values;

    internal EpochResult(int epoch, IEnumerable<KeyValuePair<string, double>> values, double learningRate)
    {
        Epoch = epoch;
        LearningRate = learningRate;
        _values = [.. values];
    }

    /// <summary>The epoch's number, from 1.</summary>
    public int Epoch { get; }

    /// <summary>The learning rate of the epoch's last step.</summary>
    public double LearningRate { get; }

    /// <summary>The mean training loss over the epoch's targets.</summary>
    public double Loss => this["loss"];

    /// <summary>Names and values in the order shown: "loss", the metrics, then with validation "val_loss" and "val_" metrics.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Values => _values;

    /// <summary>A value by name.</summary>
    /// <exception cref="KeyNotFoundException">No such value; the message lists those there are.</exception>
    public double this[string name] => TryGet(name, out double value)
        ? value
        : throw new KeyNotFoundException($"Epoch {Epoch} has no '{name}'; there are {string.Join(", ", _values.Select(pair => pair.Key))}.");

    /// <summary>A value by name, where there is one.</summary>
    public bool TryGet(string name, out double value)
    {
        foreach (KeyValuePair<string, double> pair in _values)
        {
            if (pair.Key != name) continue;
            value = pair.Value;
            return true;
        }
        value = double.NaN;
        return false;
    }
}

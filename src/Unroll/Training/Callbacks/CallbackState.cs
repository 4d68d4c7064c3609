namespace Unroll.Training;

/// <summary>What a callback keeps in a checkpoint: numbers and arrays by name, kept to the bit.</summary>
public sealed class CallbackState
{
    internal SortedDictionary<string, double> Numbers { get; } = new(StringComparer.Ordinal);

    internal SortedDictionary<string, float[]> Arrays { get; } = new(StringComparer.Ordinal);

    /// <summary>Keeps a number; counts up to 2⁵³ are exact.</summary>
    public void Set(string name, double value) => Numbers[name] = value;

    /// <summary>Keeps an array.</summary>
    public void Set(string name, float[] values) => Arrays[name] = values;

    /// <summary>A kept number.</summary>
    /// <exception cref="InvalidDataException">The checkpoint has none of that name.</exception>
    public double Number(string name) => Numbers.TryGetValue(name, out double value)
        ? value
        : throw new InvalidDataException($"The checkpoint's callback state has no number '{name}'; it was written with other callbacks.");

    /// <summary>A kept array, or null where there is none.</summary>
    public float[]? Array(string name) => Arrays.GetValueOrDefault(name);
}

namespace Unroll.Data;

/// <summary>A column that accompanies a series' target, one value a row.</summary>
public sealed class Covariate
{
    private readonly float[] _values;

    /// <summary>A covariate from its values, which are copied.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="values">One value a row of the series, finite unless the policy fills.</param>
    /// <param name="knownInFuture">Whether the values beyond the forecast's origin are known (a calendar, a plan).</param>
    /// <param name="missing">What is done with NaN. Refused by default.</param>
    /// <exception cref="ArgumentException">An empty name, an infinity, or a NaN that the policy does not fill.</exception>
    public Covariate(string name, ReadOnlySpan<float> values, bool knownInFuture = false,
        MissingValuePolicy missing = MissingValuePolicy.Refuse)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        KnownInFuture = knownInFuture;
        _values = values.ToArray();
        Filled = MissingValues.Fill(_values, missing, name);
    }

    /// <summary>The column's name.</summary>
    public string Name { get; }

    /// <summary>Whether values beyond the forecast's origin are known when the forecast is made.</summary>
    public bool KnownInFuture { get; }

    /// <summary>How many values the policy for missing ones filled.</summary>
    public int Filled { get; }

    /// <summary>One value a row.</summary>
    public ReadOnlySpan<float> Values => _values;

    internal Covariate With(ReadOnlySpan<float> values) => new(Name, values, KnownInFuture);
}

namespace Unroll.Data;

/// <summary>
/// A series of one target, with the columns and times that accompany it. Every value is finite: what is missing was
/// filled by a policy or refused. Does not change.
/// </summary>
public sealed class TimeSeries
{
    private readonly float[] _values;
    private readonly Covariate[] _covariates;
    private readonly DateTime[]? _timestamps;

    /// <summary>A series from its values, which are copied.</summary>
    /// <param name="name">The target's name.</param>
    /// <param name="values">One value a row, earliest first.</param>
    /// <param name="covariates">Columns with as many rows as the target; those known in future may go on behind its end.</param>
    /// <param name="timestamps">One strictly increasing time a row.</param>
    /// <param name="missing">What is done with a NaN in the target. Refused by default.</param>
    /// <exception cref="ArgumentException">
    /// An empty name, a value that is not finite and not filled, a column of another length, two columns of one
    /// name, or times that do not increase. The message names the column and the row, counted from 1.
    /// </exception>
    public TimeSeries(string name, ReadOnlySpan<float> values, IReadOnlyList<Covariate>? covariates = null,
        IReadOnlyList<DateTime>? timestamps = null, MissingValuePolicy missing = MissingValuePolicy.Refuse)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        _values = values.ToArray();
        Filled = MissingValues.Fill(_values, missing, name);
        _covariates = covariates is null ? [] : [.. covariates];
        var names = new HashSet<string>(StringComparer.Ordinal) { name };
        foreach (Covariate covariate in _covariates)
        {
            if (!names.Add(covariate.Name))
                throw new ArgumentException($"Series '{name}': two columns are named '{covariate.Name}'. Rename one.", nameof(covariates));
            int rows = covariate.Values.Length;
            if (covariate.KnownInFuture ? rows < _values.Length : rows != _values.Length)
            {
                throw new ArgumentException(
                    $"Series '{name}': expected {_values.Length} rows in column '{covariate.Name}', found {rows}. "
                    + "Every column has one value for each row of the target; only one known in future may go on behind its end.", nameof(covariates));
            }
        }
        if (timestamps is null) return;
        if (timestamps.Count != _values.Length)
            throw new ArgumentException($"Series '{name}': expected {_values.Length} times, one a row, found {timestamps.Count}.", nameof(timestamps));
        _timestamps = [.. timestamps];
        Step = TimeStep.Infer(_timestamps);
    }

    private TimeSeries(TimeSeries source, float[] values, Covariate[] covariates, DateTime[]? timestamps)
    {
        Name = source.Name;
        Step = source.Step;
        _values = values;
        _covariates = covariates;
        _timestamps = timestamps;
    }

    /// <summary>The target's name.</summary>
    public string Name { get; }

    /// <summary>The number of rows.</summary>
    public int Count => _values.Length;

    /// <summary>The target, earliest first.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>The columns that accompany the target.</summary>
    public IReadOnlyList<Covariate> Covariates => _covariates;

    /// <summary>One time a row, or null where the series has none.</summary>
    public IReadOnlyList<DateTime>? Timestamps => _timestamps;

    /// <summary>The step that most rows are apart; null without times or with fewer than two rows.</summary>
    public TimeStep? Step { get; }

    /// <summary>How many target values the policy for missing ones filled; 0 in a slice or a transformed copy.</summary>
    public int Filled { get; }

    /// <summary>How many covariates are known in future.</summary>
    public int KnownInFuture
    {
        get
        {
            int known = 0;
            foreach (Covariate covariate in _covariates)
                if (covariate.KnownInFuture) known++;
            return known;
        }
    }

    /// <summary>
    /// The rows from <paramref name="start"/> on, with their columns, times and this series' step. Columns known in
    /// future keep their rows behind the slice's end.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Rows that the series does not have.</exception>
    public TimeSeries Slice(int start, int count)
    {
        if (start < 0 || count < 0 || start > Count - count)
            throw new ArgumentOutOfRangeException(nameof(start), $"Series '{Name}' has {Count} rows; rows {start} to {(long)start + count} were asked for.");
        return new TimeSeries(this, _values.AsSpan(start, count).ToArray(),
            Array.ConvertAll(_covariates, covariate => covariate.With(
                covariate.KnownInFuture ? covariate.Values[start..] : covariate.Values.Slice(start, count))),
            _timestamps?.AsSpan(start, count).ToArray());
    }

    /// <summary>This series with further columns behind its own.</summary>
    /// <exception cref="ArgumentException">A column of another length, or a name that is taken.</exception>
    public TimeSeries WithCovariates(IReadOnlyList<Covariate> covariates)
        => new(Name, _values, [.. _covariates, .. covariates], _timestamps);

    /// <summary>This series with its target and, where given, its columns transformed.</summary>
    /// <param name="target">The target's scaler, fitted on the training part alone.</param>
    /// <param name="covariates">One scaler a column, in the columns' order; null leaves the columns as they are.</param>
    /// <exception cref="ArgumentException">Another number of scalers than columns.</exception>
    public TimeSeries Transform(Scaler target, IReadOnlyList<Scaler>? covariates = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (covariates is not null && covariates.Count != _covariates.Length)
            throw new ArgumentException($"Series '{Name}': expected {_covariates.Length} scalers, one a covariate, found {covariates.Count}.", nameof(covariates));
        var values = new float[_values.Length];
        target.Transform(_values, values);
        Covariate[] columns = _covariates;
        if (covariates is not null)
        {
            columns = new Covariate[columns.Length];
            for (int c = 0; c < columns.Length; c++)
            {
                var column = new float[_covariates[c].Values.Length];
                covariates[c].Transform(_covariates[c].Values, column);
                columns[c] = _covariates[c].With(column);
            }
        }
        return new TimeSeries(this, values, columns, _timestamps);
    }
}

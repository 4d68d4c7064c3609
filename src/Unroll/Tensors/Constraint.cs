using System.Globalization;
using Unroll.Kernels.Regularization;
using Unroll.Kernels.Simd;

namespace Unroll.Tensors;

/// <summary>
/// Where a parameter's numbers must lie; an optimiser brings them back after each of its steps. A norm is a kernel's over
/// its input axis (one for each unit and gate), a bias's over all its numbers, an embedding's over each id's row.
/// </summary>
/// <remarks>
/// Keras's formulas with its guard of 1e-7, except that a vector within its bounds is left as it is (Keras divides it by
/// norm + 1e-7 too) and that Keras takes an embedding's norms over the vocabulary unless told otherwise.
/// </remarks>
public sealed record Constraint
{
    private readonly bool _isNonNegative;

    private Constraint(string name, float minimum, float maximum, float rate, bool isNonNegative = false)
    {
        (Name, Minimum, Maximum, Rate) = (name, minimum, maximum, rate);
        _isNonNegative = isNonNegative;
    }

    /// <summary>The name in messages and files: "max_norm", "min_max_norm", "unit_norm" or "non_negative".</summary>
    public string Name { get; }

    /// <summary>The smallest norm; 0 for a constraint that is not on norms.</summary>
    public float Minimum { get; }

    /// <summary>The largest norm; infinite for a constraint that is not on norms.</summary>
    public float Maximum { get; }

    /// <summary>The share of the way to the bounds that each step goes, in (0, 1].</summary>
    public float Rate { get; }

    /// <summary>Norms of at most <paramref name="maximum"/>.</summary>
    /// <param name="maximum">Finite, above 0. Default 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound that no weight but zero, or any weight, would fulfil.</exception>
    public static Constraint MaxNorm(float maximum = 2) => new("max_norm", 0, Bound(maximum, "max_norm", nameof(maximum)), 1);

    /// <summary>Norms between two bounds, approached at a rate.</summary>
    /// <param name="minimum">At least 0. Default 0.</param>
    /// <param name="maximum">Finite, above 0, at least the minimum. Default 1.</param>
    /// <param name="rate">The share of the way that a step goes, in (0, 1]. Default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Bounds between which nothing lies, or a rate outside (0, 1].</exception>
    public static Constraint MinMaxNorm(float minimum = 0, float maximum = 1, float rate = 1)
    {
        Bound(maximum, "min_max_norm", nameof(maximum));
        if (!(minimum >= 0 && minimum <= maximum)) throw Refused(nameof(minimum), $"Constraint min_max_norm: expected a minimum from 0 to the maximum, {maximum}, received {minimum}; no norm lies between them.");
        if (!(rate is > 0 and <= 1)) throw Refused(nameof(rate), $"Constraint min_max_norm: expected a rate above 0 and at most 1, received {rate}.");
        return new("min_max_norm", minimum, maximum, rate);
    }

    /// <summary>Norms of 1.</summary>
    public static Constraint UnitNorm() => new("unit_norm", 1, 1, 1);

    /// <summary>No number below 0.</summary>
    public static Constraint NonNegative() => new("non_negative", 0, float.PositiveInfinity, 1, isNonNegative: true);

    /// <summary>Brings a parameter's numbers back. Does not tell the parameter that they changed.</summary>
    internal unsafe void Apply(Parameter parameter)
    {
        if (_isNonNegative)
        {
            Map.Run(new NonNegativeMap(), parameter.Values, parameter.Values, parameter.StorageLength);
            return;
        }
        var projection = new NormProjection(Minimum, Maximum, Rate);
        if (parameter.Shape.Rank < 2) projection.Whole(parameter.Values, parameter.StorageLength);
        else if (parameter.Panels is { } panels) projection.Columns(panels, parameter.Values);
        else projection.Rows(parameter.Values, parameter.Count / Math.Max(1, parameter.Shape[-1]), parameter.Shape[-1]);
    }

    /// <summary>Refuses a parameter that it can never bring back: vectors of zeros have no direction in which to grow.</summary>
    /// <param name="parameter">With its first values.</param>
    /// <param name="owner">The layer's title.</param>
    /// <param name="exceptRow">A row that stays zero by intent, or null.</param>
    /// <exception cref="ArgumentException">A vector of zeros where the smallest norm is above 0.</exception>
    internal void Require(Parameter parameter, string owner, int? exceptRow = null)
    {
        if (Minimum == 0) return;
        float[] values = parameter.ToArray();
        int width = parameter.Shape.Rank < 2 ? 1 : parameter.Shape[-1], rows = width == 0 ? 0 : values.Length / width;
        bool byRow = parameter.Shape.Rank >= 2 && parameter.Panels is null;
        int vectors = byRow ? rows : width, length = byRow ? width : rows;
        for (int v = 0; v < vectors; v++)
        {
            bool isZero = length > 0 && v != exceptRow;
            for (int i = 0; i < length && isZero; i++) isZero = values[byRow ? v * width + i : i * width + v] == 0;
            if (isZero)
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{owner}: the constraint {Name} on '{parameter.Name}' cannot hold: {(parameter.Shape.Rank < 2 ? "it" : byRow ? $"row {v}" : $"column {v}")} begins with zeros, which no scaling brings to a norm of {Minimum}. Choose another initializer, or a constraint without a smallest norm."));
        }
    }

    private static float Bound(float maximum, string name, string parameter) => float.IsFinite(maximum) && maximum > 0
        ? maximum
        : throw Refused(parameter, $"Constraint {name}: expected a largest norm that is finite and above 0, received {maximum}.");

    private static ArgumentOutOfRangeException Refused(string parameter, FormattableString message) => new(parameter, FormattableString.Invariant(message));
}

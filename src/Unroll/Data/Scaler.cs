using System.Text.Json.Nodes;

namespace Unroll.Data;

/// <summary>
/// Maps a column to a range that networks learn well on, x' = (x − Offset) / Scale, and back. Fitted on the training
/// part alone and stored in the model file. Does not change.
/// </summary>
public abstract class Scaler
{
    private protected Scaler(string kind, double offset, double scale)
    {
        if (!double.IsFinite(offset)) throw new ArgumentOutOfRangeException(nameof(offset), $"Scaler: expected a finite offset, received {offset}.");
        if (!double.IsFinite(scale) || scale <= 0) throw new ArgumentOutOfRangeException(nameof(scale), $"Scaler: expected a finite scale above 0, received {scale}.");
        Kind = kind;
        Offset = offset;
        Scale = scale;
    }

    /// <summary>The scaler that changes nothing.</summary>
    public static Scaler Identity { get; } = new IdentityScaler();

    /// <summary>The kind's name in files: "standard", "min_max" or "identity".</summary>
    public string Kind { get; }

    /// <summary>What is taken away first.</summary>
    public double Offset { get; }

    /// <summary>What is divided by then; above 0. Errors in the column's unit are this times the scaled ones.</summary>
    public double Scale { get; }

    /// <summary>(value − Offset) / Scale, computed in double.</summary>
    public float Transform(float value) => (float)((value - Offset) / Scale);

    /// <summary>value · Scale + Offset, computed in double.</summary>
    public float Inverse(float value) => (float)(value * Scale + Offset);

    /// <summary>Transforms every value; in place where both spans are the same.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than the source.</exception>
    public void Transform(ReadOnlySpan<float> values, Span<float> destination)
    {
        Check(values, destination);
        for (int i = 0; i < values.Length; i++) destination[i] = Transform(values[i]);
    }

    /// <summary>Inverts every value; in place where both spans are the same.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than the source.</exception>
    public void Inverse(ReadOnlySpan<float> values, Span<float> destination)
    {
        Check(values, destination);
        for (int i = 0; i < values.Length; i++) destination[i] = Inverse(values[i]);
    }

    /// <summary>The scaler for a model file: {"kind", "offset", "scale"}; numbers come back to the bit.</summary>
    public JsonObject ToJson() => new()
    {
        ["kind"] = Kind,
        ["offset"] = Offset,
        ["scale"] = Scale,
    };

    /// <summary>The scaler that <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="FormatException">A field that is absent, of another type, or out of its range.</exception>
    public static Scaler FromJson(JsonNode? node)
    {
        if (node is not JsonObject fields)
            throw new FormatException("Scaler: expected a JSON object with kind, offset and scale.");
        if (fields["kind"] is not JsonValue kindValue || !kindValue.TryGetValue(out string? kind))
            throw new FormatException("Scaler: the field 'kind' is absent or not text.");
        double offset = Number(fields, "offset"), scale = Number(fields, "scale");
        if (!double.IsFinite(offset) || !double.IsFinite(scale) || scale <= 0)
            throw new FormatException($"Scaler: expected a finite offset and a scale above 0, found offset {offset}, scale {scale}.");
        return kind switch
        {
            "standard" => new StandardScaler(offset, scale),
            "min_max" => new MinMaxScaler(offset, scale),
            "identity" => Identity,
            _ => throw new FormatException($"Scaler: the kind '{kind}' is unknown; known are standard, min_max, identity."),
        };
    }

    private static double Number(JsonObject fields, string name)
        => fields[name] is JsonValue value && value.TryGetValue(out double number)
            ? number
            : throw new FormatException($"Scaler: the field '{name}' is absent or not a number.");

    private static void Check(ReadOnlySpan<float> values, Span<float> destination)
    {
        if (destination.Length < values.Length)
            throw new ArgumentException($"Scaler: {values.Length} values do not fit into a destination of {destination.Length}.", nameof(destination));
    }

    /// <summary>The values' smallest and largest; refuses none at all, and values that are not finite.</summary>
    private protected static (float Minimum, float Maximum) Range(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty)
            throw new ArgumentException("Scaler: there are no values to fit on.", nameof(values));
        (float minimum, float maximum) = (values[0], values[0]);
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                throw new ArgumentException($"Scaler: row {i + 1} is not a finite number. Fill or remove it before fitting.", nameof(values));
            if (values[i] < minimum) minimum = values[i];
            if (values[i] > maximum) maximum = values[i];
        }
        return (minimum, maximum);
    }

    private sealed class IdentityScaler() : Scaler("identity", 0, 1);
}

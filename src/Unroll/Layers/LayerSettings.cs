using System.Text.Json.Nodes;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// Reads the settings of a layer, or of what <paramref name="what"/> says, from its configuration; a missing or wrong one is
/// named with what was expected.
/// </summary>
internal readonly struct LayerSettings(string kind, JsonObject configuration, string what = "Layer kind")
{
    public int WholeNumber(string name) => Read<int>(name, "a whole number");

    /// <summary>A whole number, or null where the setting is null.</summary>
    public int? OptionalWholeNumber(string name) =>
        configuration.TryGetPropertyValue(name, out JsonNode? node) && node is null ? null : WholeNumber(name);

    /// <summary>A whole number, or null where the setting is missing.</summary>
    public int? WholeNumberOrNone(string name) => configuration.ContainsKey(name) ? WholeNumber(name) : null;

    /// <summary>A number, or null where the setting is null or, in files of earlier versions, missing.</summary>
    public float? OptionalNumber(string name) => configuration[name] is null ? null : Number(name);

    public float Number(string name) => Read<float>(name, "a number");

    public bool Flag(string name) => Read<bool>(name, "true or false");

    /// <summary>A flag, false where the setting is missing, as in files of earlier versions.</summary>
    public bool FlagOrFalse(string name) => configuration.ContainsKey(name) && Flag(name);

    public string Text(string name) => Read<string>(name, "a text");

    public string[] Texts(string name) => Many<string>(name, "a list of texts");

    public int[] WholeNumbers(string name) => Many<int>(name, "a list of whole numbers");

    /// <exception cref="ArgumentException">An unknown activation.</exception>
    public Activation Activation(string name) => Ops.Activation.FromName(Text(name));

    /// <summary>An activation; <paramref name="otherwise"/> where the setting is missing, as in files of earlier versions.</summary>
    /// <exception cref="ArgumentException">An unknown activation.</exception>
    public Activation Activation(string name, Activation otherwise) => configuration.ContainsKey(name) ? Activation(name) : otherwise;

    /// <summary>A value of an enumeration; <paramref name="otherwise"/> where the setting is missing, as in files of earlier versions.</summary>
    public T Choice<T>(string name, T otherwise) where T : struct, Enum
    {
        if (!configuration.ContainsKey(name)) return otherwise;
        string text = Text(name);
        return Enum.TryParse(text, out T value) && Enum.IsDefined(value)
            ? value
            : throw new InvalidDataException($"{what} '{kind}': the setting '{name}' is \"{text}\"; expected one of {string.Join(", ", Enum.GetNames<T>())}.");
    }

    /// <exception cref="ArgumentException">An unknown initialiser, or one of its numbers out of range.</exception>
    public Initializer Initializer(string name)
    {
        if (!configuration.TryGetPropertyValue(name, out JsonNode? node))
            throw new InvalidDataException($"{what} '{kind}': the setting '{name}' is missing; expected an initializer.");
        try
        {
            return Layers.Initializer.FromDescription(node);
        }
        catch (InvalidDataException cause)
        {
            throw new InvalidDataException($"{what} '{kind}': the setting '{name}': {cause.Message}.", cause);
        }
    }

    /// <summary>A regulariser, or null where the setting is missing.</summary>
    /// <exception cref="ArgumentException">A factor out of range.</exception>
    public Regularizer? Regularizer(string name)
    {
        if (configuration[name] is not { } node) return null;
        if (node is not JsonObject description) throw new InvalidDataException($"{what} '{kind}': the setting '{name}' is {node.ToJsonString()}; expected the factors of a regularizer.");
        var factors = new LayerSettings(kind, description, what);
        return Tensors.Regularizer.L1L2(factors.Number("absolute"), factors.Number("square"));
    }

    /// <summary>A constraint, or null where the setting is missing.</summary>
    /// <exception cref="ArgumentException">A bound out of range.</exception>
    public Constraint? Constraint(string name)
    {
        if (configuration[name] is not { } node) return null;
        if (node is not JsonObject description) throw new InvalidDataException($"{what} '{kind}': the setting '{name}' is {node.ToJsonString()}; expected a constraint's name and bounds.");
        var settings = new LayerSettings(kind, description, what);
        return settings.Text("name") switch
        {
            "max_norm" => Tensors.Constraint.MaxNorm(settings.Number("maximum")),
            "min_max_norm" => Tensors.Constraint.MinMaxNorm(settings.Number("minimum"), settings.Number("maximum"), settings.Number("rate")),
            "unit_norm" => Tensors.Constraint.UnitNorm(),
            "non_negative" => Tensors.Constraint.NonNegative(),
            string other => throw new InvalidDataException($"{what} '{kind}': the setting '{name}' names the constraint '{other}'; expected max_norm, min_max_norm, unit_norm or non_negative."),
        };
    }

    private T[] Many<T>(string name, string expected)
    {
        if (configuration[name] is not JsonArray list) throw new InvalidDataException($"{what} '{kind}': the setting '{name}' is {configuration[name]?.ToJsonString() ?? "missing"}; expected {expected}.");
        var read = new T[list.Count];
        for (int i = 0; i < read.Length; i++)
            read[i] = list[i] is JsonValue value && value.TryGetValue(out T? item) ? item
                : throw new InvalidDataException($"{what} '{kind}': the setting '{name}' is {list.ToJsonString()}; expected {expected}.");
        return read;
    }

    private T Read<T>(string name, string expected)
    {
        if (!configuration.TryGetPropertyValue(name, out JsonNode? node))
            throw new InvalidDataException($"{what} '{kind}': the setting '{name}' is missing; expected {expected}.");
        if (node is JsonValue value && value.TryGetValue(out T? read)) return read;
        throw new InvalidDataException($"{what} '{kind}': the setting '{name}' is {node?.ToJsonString() ?? "null"}; expected {expected}.");
    }
}

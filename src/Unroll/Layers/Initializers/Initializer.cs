using System.Text.Json.Nodes;
using Unroll.Basics;

namespace Unroll.Layers;

/// <summary>
/// What a new weight matrix holds. Fan-in is the matrix's rows and fan-out its columns: for a recurrent layer's kernel
/// [I, G·H] with all its gates, as in Keras. Each number is a function of the stream and its place alone.
/// </summary>
public abstract class Initializer
{
    private static readonly (string Name, Func<Initializer> Make)[] s_byName =
    [
        ("constant", () => new Constant()),
        ("glorot_normal", () => new GlorotNormal()),
        ("glorot_uniform", () => new GlorotUniform()),
        ("he_normal", () => new HeNormal()),
        ("he_uniform", () => new HeUniform()),
        ("identity", () => new Identity()),
        ("lecun_normal", () => new LecunNormal()),
        ("lecun_uniform", () => new LecunUniform()),
        ("ones", () => new Ones()),
        ("orthogonal", () => new Orthogonal()),
        ("random_normal", () => new RandomNormal()),
        ("random_uniform", () => new RandomUniform()),
        ("truncated_normal", () => new TruncatedNormal()),
        ("zeros", () => new Zeros()),
    ];

    /// <summary>The names that <see cref="FromName"/> takes, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names { get; } = Array.AsReadOnly(Array.ConvertAll(s_byName, entry => entry.Name));

    /// <summary>Keras's word for it, for example <c>"glorot_uniform"</c>.</summary>
    public abstract string Name { get; }

    /// <summary>An initialiser with its defaults, from Keras's word for it in any case.</summary>
    /// <exception cref="ArgumentException">Another word; the message lists those known.</exception>
    public static Initializer FromName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach ((string known, Func<Initializer> make) in s_byName)
            if (string.Equals(known, name, StringComparison.OrdinalIgnoreCase)) return make();
        throw new ArgumentException($"Initializer '{name}' is not known; expected one of: {string.Join(", ", Names)}.", nameof(name));
    }

    /// <summary>The initialiser of Keras's word, with its defaults, so that <c>new Dense(10, kernelInitializer: "he_normal")</c> works.</summary>
    /// <exception cref="ArgumentException">Another word; the message lists those known.</exception>
    public static implicit operator Initializer(string name) => FromName(name);

    /// <summary>Its numbers, for a model's file; null where it has none.</summary>
    internal virtual JsonObject? Settings => null;

    /// <summary>What a model's file keeps: the name alone, or with the numbers behind "name" in one object.</summary>
    internal JsonNode Describe()
    {
        if (Settings is not { } settings) return JsonValue.Create(Name);
        settings.Insert(0, "name", Name);
        return settings;
    }

    /// <summary>Makes what <see cref="Describe"/> gave.</summary>
    /// <exception cref="InvalidDataException">Neither a name nor an object with the name's numbers.</exception>
    /// <exception cref="ArgumentException">An unknown name, or a number out of range.</exception>
    internal static Initializer FromDescription(JsonNode? description)
    {
        if (description is JsonValue word && word.TryGetValue(out string? alone)) return FromName(alone);
        if (description is not JsonObject settings || settings["name"] is not JsonValue value || !value.TryGetValue(out string? name))
            throw new InvalidDataException($"expected an initializer's name, alone or in an object with its numbers, found {description?.ToJsonString() ?? "null"}");
        return name switch
        {
            "constant" => new Constant((float)Number("value")),
            "identity" => new Identity((float)Number("gain")),
            "orthogonal" => new Orthogonal((float)Number("gain")),
            "random_normal" => new RandomNormal(Number("mean"), Number("deviation")),
            "random_uniform" => new RandomUniform(Number("minimum"), Number("maximum")),
            "truncated_normal" => new TruncatedNormal(Number("mean"), Number("deviation")),
            _ => FromName(name),
        };

        // Floats are written as doubles too, so that both come back exactly, from text as from memory.
        double Number(string setting) => settings[setting] is JsonValue number && number.TryGetValue(out double read) ? read
            : throw new InvalidDataException($"initializer '{name}': expected a number as '{setting}', found {settings[setting]?.ToJsonString() ?? "none"}");
    }

    /// <summary>Sets every number of a matrix.</summary>
    /// <param name="rowMajor">The matrix, [rows, columns].</param>
    /// <param name="rows">Fan-in; 1 for a bias.</param>
    /// <param name="columns">Fan-out.</param>
    /// <param name="draws">Where random numbers come from; give each parameter its own name.</param>
    /// <exception cref="ArgumentException">The span does not hold rows · columns numbers.</exception>
    public void Fill(Span<float> rowMajor, int rows, int columns, RandomStream draws)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        if (rowMajor.Length != (long)rows * columns)
            throw new ArgumentException($"Initializer '{Name}': expected room for [{rows}, {columns}], {(long)rows * columns} numbers, received {rowMajor.Length}.", nameof(rowMajor));
        FillMatrix(rowMajor, rows, columns, draws);
    }

    private protected abstract void FillMatrix(Span<float> rowMajor, int rows, int columns, RandomStream draws);

    /// <summary>Uniform in [minimum, maximum).</summary>
    private protected static void FillUniform(Span<float> values, double minimum, double maximum, RandomStream draws)
    {
        for (int i = 0; i < values.Length; i++) values[i] = (float)(minimum + (maximum - minimum) * draws.UniformDouble(i));
    }

    /// <summary>Normal with a mean of 0, cut at two deviations, whose deviation after the cut is the one given.</summary>
    private protected static void FillTruncated(Span<float> values, double deviation, RandomStream draws)
    {
        // The deviation of a standard normal cut at ±2: √(1 − 4φ(2) / (Φ(2) − Φ(−2))).
        const double cut = 0.87962566103423978;
        for (int i = 0; i < values.Length; i++) values[i] = (float)(deviation / cut * NormalDraw.Truncated(draws, i));
    }

    /// <summary>Refuses an infinite or NaN constant.</summary>
    private protected static double Finite(double value, string name) =>
        double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is finite.");
}

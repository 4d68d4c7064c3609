namespace Unroll.Optimizers;

public abstract partial class Optimizer
{
    private static readonly (string Name, Func<Optimizer> Make)[] s_byName =
    [
        ("adadelta", () => new Adadelta()),
        ("adagrad", () => new Adagrad()),
        ("adam", () => new Adam()),
        ("adamax", () => new Adamax()),
        ("adamw", () => new AdamW()),
        ("asgd", () => new Asgd()),
        ("nadam", () => new Nadam()),
        ("radam", () => new RAdam()),
        ("rmsprop", () => new RmsProp()),
        ("sgd", () => new Sgd()),
    ];

    /// <summary>The names that <see cref="FromName"/> takes, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names { get; } = Array.AsReadOnly(Array.ConvertAll(s_byName, entry => entry.Name));

    /// <summary>An optimiser with its defaults, from Keras's word for it in any case, for example <c>"adam"</c>.</summary>
    /// <exception cref="ArgumentException">Another word; the message lists those known.</exception>
    public static Optimizer FromName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach ((string known, Func<Optimizer> make) in s_byName)
            if (string.Equals(known, name, StringComparison.OrdinalIgnoreCase)) return make();
        throw new ArgumentException($"Optimizer '{name}' is not known; expected one of: {string.Join(", ", Names)}.", nameof(name));
    }
}

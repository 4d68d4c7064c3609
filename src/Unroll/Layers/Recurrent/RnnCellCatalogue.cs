using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Unroll.Layers;

/// <summary>Every kind of cell that a saved <see cref="Rnn"/> can name: the library's and those that users registered.</summary>
internal static class RnnCellCatalogue
{
    private static readonly Dictionary<string, Func<JsonObject, RnnCell>> s_own = new(StringComparer.Ordinal)
    {
        [JordanCell.KindName] = JordanCell.FromConfiguration,
        [LayerNormGruCell.KindName] = LayerNormGruCell.FromConfiguration,
        [LayerNormLstmCell.KindName] = LayerNormLstmCell.FromConfiguration,
        [ProjectedLstmCell.KindName] = ProjectedLstmCell.FromConfiguration,
    };

    private static readonly ConcurrentDictionary<string, Func<JsonObject, RnnCell>> s_registered = new(StringComparer.Ordinal);

    public static void Add(string kind, Func<JsonObject, RnnCell> make)
    {
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentNullException.ThrowIfNull(make);
        if (s_own.ContainsKey(kind)) throw new ArgumentException($"Cell kind '{kind}' is the library's own; choose another word.", nameof(kind));
        s_registered[kind] = make;
    }

    /// <exception cref="InvalidDataException">A kind that is not registered.</exception>
    public static RnnCell Make(string kind, JsonObject configuration)
    {
        if (!s_own.TryGetValue(kind, out Func<JsonObject, RnnCell>? make) && !s_registered.TryGetValue(kind, out make))
            throw new InvalidDataException(
                $"cell kind '{kind}' is not registered; call RnnCell.Register(\"{kind}\", …) before the model is loaded. Known are: {string.Join(", ", s_own.Keys.Concat(s_registered.Keys).Order(StringComparer.Ordinal))}.");
        return make(configuration);
    }
}

using System.Text.Json.Nodes;

namespace Unroll.Layers;

/// <summary>Copies of layers, for a new model with parts of another.</summary>
public static class LayerCopying
{
    /// <summary>
    /// A layer of the same kind, name, settings and weights, in no model. Its weights are its own: training it leaves those of the
    /// first alone. Settings that are not saved with a model are at their defaults.
    /// </summary>
    /// <typeparam name="TLayer">The kind of layer.</typeparam>
    /// <param name="layer">Of the library; built or not.</param>
    /// <exception cref="InvalidDataException">A layer of one's own, which cannot be made from its settings.</exception>
    public static TLayer Copy<TLayer>(this TLayer layer) where TLayer : Layer
    {
        ArgumentNullException.ThrowIfNull(layer);
        var configuration = new JsonObject();
        layer.WriteConfiguration(configuration);
        var copy = (TLayer)LayerCatalogue.Make(layer.Kind, configuration);
        copy.Name = layer.Name[(layer.Name.LastIndexOf('/') + 1)..];
        copy.Trainable = layer.Trainable;
        if (layer.IsBuilt) copy.BuildLike(layer);
        for (int i = 0; i < layer.Parameters.Count; i++)
        {
            copy.Parameters[i].Set(layer.Parameters[i].ToArray());
            copy.Parameters[i].Trainable = layer.Parameters[i].Trainable;
        }
        return copy;
    }
}

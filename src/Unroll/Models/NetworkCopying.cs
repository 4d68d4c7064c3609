using System.Text.Json.Nodes;

namespace Unroll.Models;

/// <summary>Copies of models.</summary>
public static class NetworkCopying
{
    /// <summary>
    /// An equal model with weights of its own, not compiled: training it leaves the first alone. What comes out is what a file of the
    /// model would give.
    /// </summary>
    /// <typeparam name="TNetwork">The kind of model.</typeparam>
    /// <param name="model">A built model of the library's layers.</param>
    /// <exception cref="InvalidOperationException">The model is not built.</exception>
    /// <exception cref="InvalidDataException">A layer of one's own, which cannot be made from its settings.</exception>
    public static TNetwork Copy<TNetwork>(this TNetwork model) where TNetwork : Network
    {
        ArgumentNullException.ThrowIfNull(model);
        model.RequireBuilt("copy");
        var description = new JsonObject();
        NetworkDescription.Write(model, description);
        var copy = (TNetwork)NetworkDescription.Read(description);
        for (int i = 0; i < model.Parameters.Count; i++)
        {
            copy.Parameters[i].Set(model.Parameters[i].ToArray());
            copy.Parameters[i].Trainable = model.Parameters[i].Trainable;
        }
        copy.Tokenizer = model.Tokenizer; // never changes, so both may use it
        copy.Extras = model.Extras.DeepClone().AsObject();
        return copy;
    }
}

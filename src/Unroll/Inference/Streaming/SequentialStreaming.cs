using Unroll.Models;

namespace Unroll.Inference;

/// <summary>Streaming with a <see cref="Sequential"/>: one sequence, step by step.</summary>
public static class SequentialStreaming
{
    /// <summary>
    /// Opens a stream: the state of one sequence before its first step. A model can have many streams at a time, on as many
    /// threads; they share its weights.
    /// </summary>
    /// <param name="model">A built model whose layers read forward: recurrent, minimal recurrent, dense, embedding, activation, dropout, layer
    /// normalisation, and stacks and parallel sums of these.</param>
    /// <param name="options">How weights are stored; null for float32.</param>
    /// <exception cref="InvalidOperationException">The model is not built.</exception>
    /// <exception cref="NotSupportedException">A layer that needs the whole sequence before it can answer, or one of more than 8,260 inputs with weights of 8 bits; the message names it.</exception>
    public static ModelStream OpenStream(this Sequential model, StreamOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.RequireBuilt("stream with");
        return new ModelStream(model, options?.Weights ?? StreamWeights.Float32);
    }
}

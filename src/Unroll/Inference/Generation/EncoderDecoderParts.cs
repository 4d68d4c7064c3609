using System.Runtime.CompilerServices;
using Unroll.Layers;
using Unroll.Models;

namespace Unroll.Inference;

/// <summary>A functional model taken apart at its <see cref="AttentiveDecoder"/>: what reads the source, and what writes.</summary>
internal sealed class EncoderDecoderParts
{
    private static readonly ConditionalWeakTable<Model, EncoderDecoderParts> s_parts = [];

    private EncoderDecoderParts(Model model)
    {
        LayerCall[] calls = [.. model.Calls.Where(call => call.Layer is AttentiveDecoder)];
        if (calls.Length != 1) throw new ArgumentException($"Model '{model.Name}': expected one AttentiveDecoder, which writes, found {calls.Length}.", nameof(model));
        LayerCall writing = calls[0];
        Decoder = (AttentiveDecoder)writing.Layer!;
        if (!model.Outputs.Contains(writing.Outputs[0])) throw new ArgumentException($"Model '{model.Name}': expected {Decoder.Title} to give an output of the model, its logits; it goes on into another layer.", nameof(model));
        LayerOutput tokens = writing.Inputs[0];
        if (tokens.Call.Layer is not null) throw new ArgumentException($"Model '{model.Name}': expected the tokens of {Decoder.Title} to be an input of the model; they come from {tokens.Call.Title}.", nameof(model));
        LayerOutput[] read = [.. writing.Inputs.Skip(1)];
        LayerOutput[] sources = [.. model.Inputs.Where(input => input != tokens)];
        try
        {
            Encoder = new Model(sources, read, model.Seed, model.Name + " encoder");
        }
        catch (ArgumentException refused)
        {
            throw new ArgumentException($"Model '{model.Name}': what {Decoder.Title} attends to must follow from the sources alone. {refused.Message}", nameof(model), refused);
        }
    }

    /// <summary>From the sources to the memory and the states with which the decoder begins.</summary>
    public Model Encoder { get; }

    public AttentiveDecoder Decoder { get; }

    /// <summary>The parts of a model; the same ones at every call.</summary>
    /// <exception cref="ArgumentException">No encoder–decoder.</exception>
    public static EncoderDecoderParts Of(Model model) => s_parts.GetValue(model, made => new EncoderDecoderParts(made));
}

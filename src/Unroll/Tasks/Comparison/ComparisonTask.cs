using Unroll.Basics;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;

namespace Unroll.Tasks;

/// <summary>What networks are compared on: the examples, what stands before and behind each network, and how its answers are judged.</summary>
public sealed record ComparisonTask
{
    /// <summary>The shape of an input, batch first: [−1, −1] of token ids or [−1, T, F].</summary>
    public required Shape InputShape { get; init; }

    /// <summary>What is learnt from.</summary>
    public required Dataset Train { get; init; }

    /// <summary>What chooses the epoch and the learning rate.</summary>
    public required Dataset Validation { get; init; }

    /// <summary>What the quality is computed on; read once a network, when all is chosen.</summary>
    public required Dataset Test { get; init; }

    /// <summary>The layers before the network, made anew for each: to [B, T, F].</summary>
    public Func<ComparedModel, IEnumerable<Layer>> Before { get; init; } = _ => [];

    /// <summary>The layer behind the network, made anew for each.</summary>
    public required Func<Layer> Head { get; init; }

    /// <summary>What is minimised.</summary>
    public required Loss Loss { get; init; }

    /// <summary>Whether there is an answer at every step, [B, T, K], instead of one a sequence, [B, K]. Default false.</summary>
    public bool EveryStep { get; init; }

    /// <summary>Whether an answer may depend on its step and those before alone, as where the next token is to be guessed. Default false.</summary>
    public bool Causal { get; init; }

    /// <summary>Whether inputs are token ids, which <see cref="Before"/> embeds. Default false.</summary>
    public bool ReadsTokens { get; init; }

    /// <summary>What the quality is called, with its unit: "accuracy, %".</summary>
    public required string QualityName { get; init; }

    /// <summary>Whether a higher quality is the better one.</summary>
    public required bool HigherIsBetter { get; init; }

    /// <summary>A trained network's quality on the examples given.</summary>
    public required Func<Network, Dataset, CancellationToken, double> Quality { get; init; }

    /// <summary>The whole network, built.</summary>
    internal Sequential Network(ComparedModel model, int units, ulong seed)
    {
        var network = new Sequential(InputShape, seed);
        foreach (Layer layer in Before(model)) network.Add(layer);
        foreach (Layer layer in model.Layers(units, this)) network.Add(layer);
        network.Add(Head());
        return network;
    }
}

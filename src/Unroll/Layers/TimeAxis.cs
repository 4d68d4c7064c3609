using Unroll.Basics;

namespace Unroll.Layers;

/// <summary>What layers that need a time axis say where there is none.</summary>
internal static class TimeAxis
{
    /// <exception cref="ArgumentException">Fewer than three axes.</exception>
    public static void Require(Layer layer, Shape input, string wayOut)
    {
        if (input.Rank < 3)
            throw new ArgumentException($"{layer.Title}: expected input [batch, time, features] with time as axis 1, found {input} with {input.Rank} {(input.Rank == 1 ? "axis" : "axes")} and no time. {wayOut}", nameof(input));
    }

    /// <exception cref="ArgumentException">Another number of axes than three, or features that are not known.</exception>
    public static void RequireFeatures(Layer layer, Shape input)
    {
        if (input.Rank != 3 || input.Features == Shape.Unknown)
            throw new ArgumentException($"{layer.Title}: expected input [batch, time, features] with a known feature count, received {input}.", nameof(input));
    }
}

using Unroll.Basics;

namespace Unroll.Layers;

/// <summary>What every layer that loops over time asks of its input.</summary>
internal static class SequenceInput
{
    /// <summary>Refuses what is not [batch, time, features] with a fixed number of features.</summary>
    public static void Check(Layer layer, Shape input)
    {
        if (input.Rank != 3)
            throw new ArgumentException($"{layer.Title}: expected input [batch, time, features], received {input}. A table of rows needs a time axis first.");
        if (input[2] == Shape.Unknown || input[2] == 0)
            throw new ArgumentException($"{layer.Title}: expected a fixed number of features in the last axis, received {input}.");
    }
}

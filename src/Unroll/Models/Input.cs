using Unroll.Basics;

namespace Unroll.Models;

/// <summary>Where a functional model begins: <c>LayerOutput x = Input.Of(new Shape(-1, -1, 16));</c></summary>
public static class Input
{
    /// <summary>An input of a shape.</summary>
    /// <param name="shape">Batch first and open (−1), for example [−1, −1, 16]; time may be open too. Token ids are [−1, −1].</param>
    /// <param name="name">Unique in its model, by which data can be given; null for "input", "input_1" …</param>
    /// <exception cref="ArgumentException">A shape whose batch is fixed, or a name with a '/'.</exception>
    public static LayerOutput Of(Shape shape, string? name = null)
    {
        if (shape.Rank == 0 || shape[0] != Shape.Unknown)
            throw new ArgumentException($"Input.Of: expected a shape whose first axis, the batch, is open (−1), received {shape}.", nameof(shape));
        if (name is not null && (string.IsNullOrWhiteSpace(name) || name.Contains('/', StringComparison.Ordinal)))
            throw new ArgumentException($"Input.Of: expected a name without '/', received '{name}'.", nameof(name));
        return new LayerCall(shape, name).Outputs[0];
    }
}

using Unroll.Ops;

namespace Unroll.Layers;

/// <summary>Which activations a cell's state or gates can have.</summary>
internal static class CellActivations
{
    /// <summary>An activation whose slope follows from its value, which is all that a gate keeps.</summary>
    /// <exception cref="ArgumentException">Another one.</exception>
    public static Activation FromValue(Layer layer, string setting, Activation value)
    {
        ArgumentNullException.ThrowIfNull(value, setting);
        return HasSlopeFromValue(value)
            ? value
            : throw new ArgumentException($"{layer.GetType().Name}: {setting} '{value}' cannot be used here, because its slope does not follow from its value, which is all that the layer keeps; expected one of: {string.Join(", ", Activation.All.Where(HasSlopeFromValue))}.", setting);
    }

    /// <summary>An activation of single numbers.</summary>
    /// <exception cref="ArgumentException">One of whole rows.</exception>
    public static Activation OfNumbers(Layer layer, string setting, Activation value)
    {
        ArgumentNullException.ThrowIfNull(value, setting);
        return value.NumberKind is not null
            ? value
            : throw new ArgumentException($"{layer.GetType().Name}: {setting} '{value}' cannot be used here, because it needs a whole row; expected one of: {string.Join(", ", Activation.All.Where(a => a.NumberKind is not null))}.", setting);
    }

    private static bool HasSlopeFromValue(Activation activation) => activation.NumberKind is { } kind && Kernels.Activations.ActivationKinds.GradientFromOutput(kind);
}

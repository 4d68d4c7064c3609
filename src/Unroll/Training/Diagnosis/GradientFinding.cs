namespace Unroll.Training;

/// <summary>What is wrong with a recurrent layer's gradients or states.</summary>
public enum GradientFindingKind
{
    /// <summary>Less than a thousandth of the gradient arrives at the farthest step.</summary>
    Vanishing,

    /// <summary>The gradient grows more than a hundredfold on its way back.</summary>
    Exploding,

    /// <summary>Units sit at the ends of their activation's range, where its slope is next to nothing.</summary>
    Saturated,

    /// <summary>A gate is shut or open in most units at nearly every step, so that it decides nothing and hardly learns.</summary>
    SaturatedGate,

    /// <summary>Units give the same number at every step of every sequence.</summary>
    DeadUnits,
}

/// <summary>A warning about one recurrent layer.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Layer">The layer's name.</param>
/// <param name="Value">How bad: the part of the gradient that arrives, its growth, or the share of units or gates.</param>
/// <param name="Message">A sentence that names the layer, says what was found, and what to change.</param>
public sealed record GradientFinding(GradientFindingKind Kind, string Layer, double Value, string Message);

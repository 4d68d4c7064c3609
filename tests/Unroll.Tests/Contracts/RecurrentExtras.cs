using System.Globalization;
using Unroll.Ops;

namespace Unroll.Tests.Contracts;

/// <summary>What a variant sets beside its flags.</summary>
/// <param name="Activation">Of states; null for the cell's own.</param>
/// <param name="Gates">The activation of gates; null for the cell's own.</param>
/// <param name="Limit">That of the cell state, or of an independently recurrent layer's weights, or null.</param>
internal sealed record RecurrentExtras(Activation? Activation = null, Activation? Gates = null, float? Limit = null)
{
    public override string ToString() => string.Join(" ", new[]
    {
        Activation?.Name, Gates?.Name, Limit is { } limit ? string.Create(CultureInfo.InvariantCulture, $"within {limit}") : null,
    }.OfType<string>());
}

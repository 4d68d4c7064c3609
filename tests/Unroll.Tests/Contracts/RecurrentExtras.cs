using System.Globalization;
using Unroll.Ops;

namespace Unroll.Tests.Contracts;

/// <summary>What a variant sets beside its flags.</summary>
/// <param name="Activation">Of states; null for the cell's own.</param>
/// <param name="Gates">The activation of gates; null for the cell's own.</param>
/// <param name="CellClip">The cell state's limit, or null.</param>
internal sealed record RecurrentExtras(Activation? Activation = null, Activation? Gates = null, float? CellClip = null)
{
    public override string ToString() => string.Join(" ", new[]
    {
        Activation?.Name, Gates?.Name, CellClip is { } clip ? string.Create(CultureInfo.InvariantCulture, $"within {clip}") : null,
    }.OfType<string>());
}

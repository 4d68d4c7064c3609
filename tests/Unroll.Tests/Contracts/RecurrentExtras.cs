using System.Globalization;
using Unroll.Layers;
using Unroll.Ops;

namespace Unroll.Tests.Contracts;

/// <summary>What a variant sets beside its flags.</summary>
/// <param name="Activation">Of states; null for the cell's own.</param>
/// <param name="Gates">The activation of gates; null for the cell's own.</param>
/// <param name="Limit">That of the cell state, or of an independently recurrent layer's weights, or null.</param>
/// <param name="Dropout">Recurrent dropout.</param>
/// <param name="DropoutKind">What it drops.</param>
/// <param name="Zoneout">Of the hidden state.</param>
/// <param name="CellZoneout">Of the cell state.</param>
internal sealed record RecurrentExtras(Activation? Activation = null, Activation? Gates = null, float? Limit = null,
    float Dropout = 0, RecurrentDropoutKind DropoutKind = RecurrentDropoutKind.Variational, float Zoneout = 0, float CellZoneout = 0)
{
    public override string ToString() => string.Join(" ", new[]
    {
        Activation?.Name, Gates?.Name, Limit is { } limit ? string.Create(CultureInfo.InvariantCulture, $"within {limit}") : null,
        Dropout > 0 ? string.Create(CultureInfo.InvariantCulture, $"{DropoutKind} dropout {Dropout}") : null,
        Zoneout > 0 ? string.Create(CultureInfo.InvariantCulture, $"zoneout {Zoneout}") : null,
        CellZoneout > 0 ? string.Create(CultureInfo.InvariantCulture, $"cell zoneout {CellZoneout}") : null,
    }.OfType<string>());
}

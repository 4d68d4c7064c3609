using Unroll.Basics;
using Unroll.Layers;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Reference;

/// <summary>
/// What regularisation does to one sequence, number by number: drawn where a layer's name is given, else the expectation. A
/// draw's index is sequence · 2³² + time · units + unit.
/// </summary>
internal sealed class ReferenceNoise(RecurrentExtras? extras, string? layer, int sequence, int units)
{
    /// <summary>Gal and Ghahramani 2016: what the recurrent weights see the state multiplied by, at every step.</summary>
    public double StateMask(int unit) =>
        extras is { DropoutKind: RecurrentDropoutKind.Variational, Dropout: > 0 and var rate } && layer is not null ? Kept("recurrent_dropout", unit, rate) : 1;

    /// <summary>Semeniuta, Severyn and Barth 2016: what a step's candidate is multiplied by.</summary>
    public double CandidateMask(int t, int unit) =>
        extras is { DropoutKind: RecurrentDropoutKind.Candidate, Dropout: > 0 and var rate } && layer is not null ? Kept("candidate_dropout", t * units + unit, rate) : 1;

    /// <summary>Krueger et al. 2017: the share of the hidden state that stays.</summary>
    public double StateHold(int t, int unit) => Hold(extras?.Zoneout ?? 0, "zoneout", t * units + unit);

    /// <summary>The share of the cell state that stays.</summary>
    public double CarryHold(int t, int unit) => Hold(extras?.CellZoneout ?? 0, "cell_zoneout", t * units + unit);

    private double Hold(float rate, string name, int at) => layer is null ? rate : Draw(name, at) < rate ? 1 : 0;

    private double Kept(string name, int at, float rate) => Draw(name, at) < rate ? 0 : 1 / (1 - (double)rate);

    private float Draw(string name, int at) => new RandomStream(RecurrentRun.DrawSeed, $"{layer}/{name}", RecurrentRun.DrawStep).Uniform(((long)sequence << 32) + at);
}

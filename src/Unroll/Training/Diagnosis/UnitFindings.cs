namespace Unroll.Training;

/// <summary>Warnings from a layer's hidden states: units that do not move, or hang at the ends of tanh.</summary>
internal static class UnitFindings
{
    /// <summary>A state of tanh beyond this has a slope below a fiftieth.</summary>
    private const double End = 0.99;

    /// <summary>A unit counts as saturated where this share of its states is beyond <see cref="End"/>.</summary>
    private const double SaturatedShare = 0.9;

    /// <summary>Share of the units from which on a warning is given.</summary>
    private const double WorthTelling = 0.1;

    public static IEnumerable<GradientFinding> Of(string layer, IReadOnlyList<StateRecord.Seen> states)
    {
        int units = states[0].Hidden.Shape[1];
        var (least, most, ends) = (new float[units], new float[units], new int[units]);
        Array.Fill(least, float.PositiveInfinity);
        Array.Fill(most, float.NegativeInfinity);
        int count = 0;
        bool bounded = true;
        foreach (StateRecord.Seen seen in states)
        {
            float[] values = seen.Hidden.ToArray();
            for (int b = 0; b < seen.Lengths.Length; b++)
            {
                if (seen.Step >= seen.Lengths[b]) continue;
                count++;
                for (int unit = 0; unit < units; unit++)
                {
                    float value = values[b * units + unit];
                    (least[unit], most[unit]) = (Math.Min(least[unit], value), Math.Max(most[unit], value));
                    if (Math.Abs(value) > End) ends[unit]++;
                    bounded &= Math.Abs(value) <= 1;
                }
            }
        }
        if (count < 2) yield break;
        bool IsSaturated(int unit) => bounded && ends[unit] > SaturatedShare * count;
        int dead = Enumerable.Range(0, units).Count(unit => least[unit] == most[unit] && !IsSaturated(unit));
        if (dead >= Math.Max(1, WorthTelling * units))
        {
            yield return new GradientFinding(GradientFindingKind.DeadUnits, layer, (double)dead / units, FormattableString.Invariant(
                $"{layer}: {dead} of {units} units give the same number at every step: they learn nothing. Lower the learning rate, begin with other weights, or take an activation whose slope is nowhere zero."));
        }
        int saturated = Enumerable.Range(0, units).Count(IsSaturated);
        if (saturated >= Math.Max(1, WorthTelling * units))
        {
            yield return new GradientFinding(GradientFindingKind.Saturated, layer, (double)saturated / units, FormattableString.Invariant(
                $"{layer}: {saturated} of {units} units are beyond ±{End} at more than {SaturatedShare:0 %} of the steps, where tanh has next to no slope. Scale the inputs, begin with smaller weights, or penalise large ones."));
        }
    }
}

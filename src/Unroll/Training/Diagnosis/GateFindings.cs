using Unroll.Tensors;

namespace Unroll.Training;

/// <summary>Warnings from a layer's gates: one that is shut or open in most of its units whatever comes in.</summary>
internal static class GateFindings
{
    /// <summary>Below this a gate is shut, above one less this open: a sigmoid's slope is then below a hundredth.</summary>
    private const float End = 0.01f;

    /// <summary>A unit's gate counts as stuck where this share of its values is at one end.</summary>
    private const double StuckShare = 0.9;

    /// <summary>Share of the units from which on a warning is given.</summary>
    private const double WorthTelling = 0.5;

    public static IEnumerable<GradientFinding> Of(string layer, IReadOnlyList<StateRecord.Seen> states)
    {
        for (int gate = 0; gate < states[0].Gates.Count; gate++)
        {
            string name = states[0].Gates[gate].Name;
            if (name == "candidate") continue; // not between 0 and 1
            int units = states[0].Hidden.Shape[1], count = 0;
            var (shut, open) = (new int[units], new int[units]);
            foreach (StateRecord.Seen seen in states)
            {
                Tensor values = seen.Gates[gate].Values;
                ReadOnlySpan<float> stored = values.Storage;
                for (int i = 0; i < stored.Length; i++)
                {
                    if (stored[i] < End) shut[i % units]++;
                    if (stored[i] > 1 - End) open[i % units]++;
                }
                count += values.Rows;
                GC.KeepAlive(values.Handle);
            }
            foreach ((string end, int[] times) in new[] { ("shut", shut), ("open", open) })
            {
                int stuck = times.Count(n => n > StuckShare * count);
                if (count < 2 || stuck < WorthTelling * units) continue;
                yield return new GradientFinding(GradientFindingKind.SaturatedGate, layer, (double)stuck / units, FormattableString.Invariant(
                    $"{layer}: the {name} gate is {end} at more than {StuckShare:0 %} of the steps in {stuck} of {units} units: {Meaning(name, end)}. Scale the inputs, begin with smaller weights or another bias, or penalise large weights."));
            }
        }
    }

    private static string Meaning(string gate, string end) => (gate, end) switch
    {
        ("input", "shut") => "nothing new comes in",
        ("forget", "shut") or ("update", "shut") => "they remember nothing",
        ("forget", "open") or ("update", "open") => "they never forget",
        ("output", "shut") => "nothing of the cell state comes out",
        ("reset", "shut") => "the candidate does not see the state",
        _ => "it decides nothing",
    };
}

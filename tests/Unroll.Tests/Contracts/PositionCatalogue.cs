using Unroll.Ops;
using Unroll.Tests.Reference;

namespace Unroll.Tests.Contracts;

/// <summary>Positions: added from a fixed table or a trained one, and rotary.</summary>
internal static class PositionCatalogue
{
    private static readonly int[] s_ragged = [2, 3, 0, 1];

    public static IEnumerable<OperationEntry> All()
    {
        foreach (OperationInput input in new OperationInput[] { new([2, 3, 7]), new([4, 3, 20], s_ragged) })
            foreach (int first in new[] { 0, 5 })
            {
                var table = new SinusoidTable(input.Shape[2], 10000, SinusoidOrder.Pairs);
                string how = $"{(input.Lengths is null ? "dense" : "ragged")}, from place {first}";
                yield return new OperationEntry($"Positions added, {how}", typeof(AddPositionsOp))
                {
                    Inputs = [input],
                    Build = (tape, x, _) => AddPositionsOp.Of(tape, x[0], table, first),
                    Reference = (x, _) => x[0].MapIndexed((i, value) => value + Sinusoid(i % x[0].Features, x[0].Features, first + i / x[0].Features % x[0].Shape[1])),
                };
                yield return new OperationEntry($"Trained positions, {how}", typeof(AddPositionsOp))
                {
                    Inputs = [input],
                    Parameters = [new([first + 4, input.Shape[2]])],
                    Build = (tape, x, p) => AddPositionsOp.Of(tape, x[0], p[0], first),
                    Reference = (x, p) => x[0].MapIndexed((i, value) => value + p[0][i % x[0].Features + x[0].Features * (first + i / x[0].Features % x[0].Shape[1])]),
                };
            }
        foreach (OperationInput input in new OperationInput[] { new([2, 3, 12]), new([4, 3, 80], s_ragged) })
        {
            var table = new SinusoidTable(input.Shape[2] / 2, 30, SinusoidOrder.Halves);
            yield return new OperationEntry($"Rotary, {(input.Lengths is null ? "dense" : "ragged")}", typeof(RotaryOp))
            {
                Inputs = [input],
                Build = (tape, x, _) => RotaryOp.Of(tape, x[0], 2, table, 4),
                Reference = (x, _) => Turned(x[0], 2, 30, 4),
            };
        }
    }

    /// <summary>Vaswani et al. 2017, section 3.5.</summary>
    private static double Sinusoid(int feature, int features, int place)
    {
        double angle = place / Math.Pow(10000, feature / 2 * 2 / (double)features);
        return feature % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle);
    }

    /// <summary>Su et al. 2021, equation 34, columns i and i + d / 2 of each head as the coordinates of a point.</summary>
    private static ReferenceTensor Turned(ReferenceTensor x, int heads, double @base, int first)
    {
        int d = x.Features / heads;
        return x.MapIndexed((i, value) =>
        {
            int column = i % x.Features % d, pair = column % (d / 2);
            double angle = (first + i / x.Features % x.Shape[1]) * Math.Pow(@base, -2.0 * pair / d);
            return column < d / 2
                ? value * Math.Cos(angle) - x.Values[i + d / 2] * Math.Sin(angle)
                : value * Math.Cos(angle) + x.Values[i - d / 2] * Math.Sin(angle);
        });
    }
}

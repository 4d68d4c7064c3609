using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Scans;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Reference;

namespace Unroll.Tests.Contracts;

/// <summary>The operations of loops over time: runs of rows, and the scans of minimal cells.</summary>
internal static class LoopOperationCatalogue
{
    private static readonly int[] s_ragged = [2, 3, 0, 1];

    public static IEnumerable<OperationEntry> All() => [.. Runs(), .. Scans()];

    private static IEnumerable<OperationEntry> Runs()
    {
        yield return new OperationEntry("RowRange", typeof(RowRangeOp))
        {
            Inputs = [new OperationInput([7, 5])],
            Build = (tape, x, _) => RowRangeOp.Of(tape, x[0], 2, 3),
            Reference = (x, _) => new ReferenceTensor([3, 5], x[0].Values[10..25]),
        };
        yield return new OperationEntry("RowRange, two that overlap, one of them within a third", typeof(RowRangeOp))
        {
            Inputs = [new OperationInput([7, 5])],
            Build = (tape, x, _) => MultiplyOp.Of(tape, RowRangeOp.Of(tape, x[0], 1, 3), RowRangeOp.Of(tape, RowRangeOp.Of(tape, ScaleOp.Of(tape, x[0], 3), 1, 5), 1, 3)),
            Reference = (x, _) => new ReferenceTensor([3, 5], [.. x[0].Values[5..20].Zip(x[0].Values[10..25], (a, b) => 3 * a * b)]),
        };
        yield return new OperationEntry("RowRange, beside the whole", typeof(RowRangeOp))
        {
            Inputs = [new OperationInput([3, 5])],
            Build = (tape, x, _) =>
            {
                Tensor whole = ScaleOp.Of(tape, x[0], 2);
                return StackRowsOp.Of(tape, [whole, RowRangeOp.Of(tape, whole, 1, 2)], new Shape(5, 5));
            },
            Reference = (x, _) => new ReferenceTensor([5, 5], [.. x[0].Values.Concat(x[0].Values[5..15]).Select(v => 2 * v)]),
        };
        yield return new OperationEntry("StackRows, dense", typeof(StackRowsOp))
        {
            Inputs = [new OperationInput([2, 19]), new OperationInput([1, 19]), new OperationInput([3, 19])],
            Build = (tape, x, _) => StackRowsOp.Of(tape, x, new Shape(6, 19)),
            Reference = (x, _) => new ReferenceTensor([6, 19], [.. x.SelectMany(part => part.Values)]),
        };
        yield return new OperationEntry("StackRows, one step a part, ragged", typeof(StackRowsOp))
        {
            Inputs = [new OperationInput([3, 5]), new OperationInput([2, 5]), new OperationInput([1, 5])],
            Build = (tape, x, _) => StackRowsOp.Of(tape, x, new Shape(4, 3, 5), Layout(tape)),
            Reference = (x, _) =>
            {
                ReferenceTensor y = ReferenceTensor.Zeros([4, 3, 5], s_ragged);
                int[] order = [1, 0, 3]; // longest first
                for (int t = 0; t < 3; t++)
                    for (int r = 0; r < 3 - t; r++) x[t].Values.AsSpan(r * 5, 5).CopyTo(y.Values.AsSpan((order[r] * 3 + t) * 5));
                return y;
            },
        };
    }

    private static IEnumerable<OperationEntry> Scans()
    {
        // Gates of e^-100 to e^-60, and of e^-40: their quotient is a number like any other.
        foreach (double middle in new[] { -80.0, -40 })
        {
            float[] sums = OperationEntry.Distinct(4 * 3 * 3 * 19);
            for (int i = 0; i < sums.Length; i++)
                if (i / 19 % 3 < 2) sums[i] = (float)(middle + (middle < -60 ? 20 : 3) * sums[i]);
            OperationEntry entry = Scan<MinLstmGate>($"GatedScan of a minLSTM, gates shut at {middle}", 19, reverse: false, final: false, 3, (k, l) => Sigmoid(l) / (Sigmoid(k) + Sigmoid(l)));
            yield return entry with { Inputs = [entry.Inputs[0] with { Values = sums }, entry.Inputs[1]] };
        }
        foreach (bool reverse in new[] { false, true })
            foreach (bool final in new[] { false, true })
                foreach (int units in new[] { 5, 35 })
                {
                    string how = $"{(final ? "final state" : "every state")}, {(reverse ? "backward" : "forward")}, {units} units";
                    yield return Scan<MinGruGate>($"GatedScan of a minGRU, {how}", units, reverse, final, 2, (k, _) => Sigmoid(k));
                    yield return Scan<MinLstmGate>($"GatedScan of a minLSTM, {how}", units, reverse, final, 3, (k, l) => Sigmoid(l) / (Sigmoid(k) + Sigmoid(l)));
                }
    }

    private static OperationEntry Scan<TGate>(string name, int units, bool reverse, bool final, int sums, Func<double, double, double> share) where TGate : struct, IScanGate => new(name, typeof(GatedScanOp))
    {
        Inputs = [new OperationInput([4, 3, sums * units], s_ragged), new OperationInput([4, units])],
        Build = (tape, x, _) =>
        {
            (Tensor sequence, Tensor last) = GatedScanOp.Of<TGate>(tape, x[0], x[1], reverse, parallel: false);
            return final ? last : sequence;
        },
        Reference = (x, _) =>
        {
            ReferenceTensor y = ReferenceTensor.Zeros([4, 3, units], s_ragged);
            double[] h = [.. x[1].Values];
            for (int b = 0; b < 4; b++)
                for (int i = 0; i < s_ragged[b]; i++)
                {
                    int t = reverse ? s_ragged[b] - 1 - i : i;
                    for (int u = 0; u < units; u++)
                    {
                        double Sum(int s) => x[0].Values[((b * 3 + t) * sums + s) * units + u];
                        double z = share(Sum(0), Sum(1));
                        y.Values[(b * 3 + t) * units + u] = h[b * units + u] = (1 - z) * h[b * units + u] + z * Sum(sums - 1);
                    }
                }
            return final ? new ReferenceTensor([4, units], h) : y;
        },
    };

    private static double Sigmoid(double a) => 1 / (1 + Math.Exp(-a));

    private static SequenceLayout Layout(Tape tape)
    {
        SequenceLayout layout = tape.NewLayout();
        layout.Set(s_ragged, 3);
        return layout;
    }
}

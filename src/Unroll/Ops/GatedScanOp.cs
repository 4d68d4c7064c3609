using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Scans;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// A recurrence whose gates depend on the input alone: h′ = h + z ⊙ (n − h), z and n from sums [B, T, S · H] that were computed
/// for all steps at once (Feng et al. 2024, arXiv 2410.01201). Backward from the last step read:
/// g = dh′ + (1 − z⁺) ⊙ g⁺, dn += g ⊙ z, dz = g ⊙ (n − h).
/// </summary>
internal static unsafe class GatedScanOp
{
    /// <param name="tape">Where results are made.</param>
    /// <param name="sums">[B, T, S · H], packed by time; sum after sum, n the last.</param>
    /// <param name="initial">The state before the first step read [B, H], or null for zeros.</param>
    /// <param name="reverse">Whether each sequence is read from its last step.</param>
    /// <param name="parallel">Whether time is cut in chunks that threads share (<see cref="ChunkedScan{TGate}"/>).</param>
    /// <returns>The states [B, T, H], and those after each sequence's last step read [B, H].</returns>
    public static (Tensor Sequence, Tensor Final) Of<TGate>(Tape tape, Tensor sums, Tensor? initial, bool reverse, bool parallel) where TGate : struct, IScanGate
    {
        SequenceLayout layout = sums.Layout ?? throw new ArgumentException("GatedScan: expected rows packed by time.", nameof(sums));
        int units = sums.Features / TGate.Sums;
        if (units * TGate.Sums != sums.Features) throw new ArgumentException($"GatedScan: expected {TGate.Sums} sums of equal width, received {sums.Shape}.", nameof(sums));
        if (initial is { } given && given.Shape != new Shape(layout.Batch, units))
            throw new ArgumentException($"GatedScan: expected an initial state [{layout.Batch}, {units}], received {given.Shape}.", nameof(initial));
        bool inChunks = parallel && layout.Steps > ScanChunk.Length; // one chunk is one chain
        bool needs = tape.Needs(sums) || (initial is { } state && tape.Needs(state));
        Tensor sequence = tape.New(sums.Shape.With(-1, units), layout, needs), final = tape.New(new Shape(layout.Batch, units), null, needs);
        var scan = new ScanArguments
        {
            Sequence = layout,
            Reverse = reverse,
            Units = units,
            Sums = tape.Read(sums),
            Shares = needs || inChunks ? tape.Scratch((long)layout.Rows * units) : null,
            Output = tape.Read(sequence),
            Initial = tape.Scratch((long)layout.Batch * units),
        };
        if (initial is { } before) SortedStates.Gather(layout, tape.Read(before), units, scan.Initial);
        else RowCopy.Clear(scan.Initial, layout.Batch * units);
        if (inChunks)
        {
            long kept = (long)ScanChunk.Places(layout) * units;
            scan.Ends = tape.Scratch(kept);
            scan.Kept = tape.Scratch(kept);
            scan.Passed = tape.Scratch((long)layout.Batch * units);
            RowCopy.Copy(scan.Initial, scan.Passed, layout.Batch * units);
            ChunkedScan<TGate>.Forward(in scan);
        }
        else
        {
            GatedScan<TGate>.Forward(in scan);
        }
        float* ends = tape.Read(final);
        for (int r = 0; r < layout.Batch; r++) RowCopy.Copy(LastState(in scan, r), ends + (nint)layout.Order[r] * units, units);
        if (needs)
        {
            Node<TGate> node = tape.Record<Node<TGate>>();
            (node.Sums, node.Initial, node.Sequence, node.Final, node.Scan) = (sums, initial, sequence, final, scan);
        }
        return (sequence, final);
    }

    private static float* LastState(in ScanArguments scan, int r)
    {
        SequenceLayout layout = scan.Sequence;
        int length = layout.Lengths[layout.Order[r]];
        return length == 0 ? scan.Initial + (nint)r * scan.Units : scan.Output + (nint)(layout.Offset(scan.Reverse ? 0 : length - 1) + r) * scan.Units;
    }

    private sealed class Node<TGate> : Node where TGate : struct, IScanGate
    {
        public Tensor Sums, Sequence, Final;
        public Tensor? Initial;
        public ScanArguments Scan;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Sequence) && !Tape.HasGradient(Final)) return;
            SequenceLayout layout = Scan.Sequence;
            Scan.OutputGradient = Tape.HasGradient(Sequence) ? tape.Gradient(Sequence) : null;
            Scan.StateGradient = tape.Scratch((long)layout.Batch * Scan.Units);
            if (Tape.HasGradient(Final)) SortedStates.Gather(layout, tape.Gradient(Final), Scan.Units, Scan.StateGradient);
            else RowCopy.Clear(Scan.StateGradient, layout.Batch * Scan.Units);
            Scan.SumsGradient = tape.Gradient(Sums, out bool isFirst);
            Scan.Adds = !isFirst;
            if (Scan.SumsGradient == null) Scan.SumsGradient = tape.Scratch((long)layout.Rows * Sums.Features); // only the state's is wanted
            Scan.Passed = Scan.StateGradient;
            if (Scan.Ends != null) ChunkedScan<TGate>.Backward(in Scan);
            else GatedScan<TGate>.Backward(in Scan);
            if (Initial is { } initial && tape.Gradient(initial) is var gradient && gradient != null)
                SortedStates.ScatterAdd(layout, Scan.StateGradient, Scan.Units, gradient);
        }

        public override void Clear() => (Sums, Sequence, Final, Initial, Scan) = (default, default, default, null, default);
    }
}

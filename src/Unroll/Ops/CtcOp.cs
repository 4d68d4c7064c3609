using System.Globalization;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Sequences;
using Unroll.Kernels.Softmax;
using Unroll.Kernels.Threading;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// Connectionist temporal classification (Graves et al. 2006): for each sequence −log of the probability of its labels,
/// summed over every way to spread them over the steps with blanks between. dx += dy · (softmax − expected occupancy).
/// </summary>
internal static unsafe class CtcOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="logits">[B, T, C], possibly with lengths.</param>
    /// <param name="labels">[B, L] class indices, possibly with lengths of their own.</param>
    /// <param name="blank">The class that stands for no label.</param>
    /// <param name="zeroInfinity">Whether labels that cannot be aligned cost 0 instead of being refused.</param>
    /// <returns>[B].</returns>
    /// <exception cref="ArgumentException">Shapes that do not fit, a label out of range, or one that cannot be aligned.</exception>
    public static Tensor Of(Tape tape, Tensor logits, Tensor labels, int blank, bool zeroInfinity)
    {
        Shape shape = logits.Shape;
        if (shape.Rank != 3) throw new ArgumentException($"CTC: expected outputs [batch, time, classes], received {shape}.", nameof(logits));
        int batch = shape[0], classes = shape[2];
        if (labels.IsDefault || labels.Shape.Rank != 2 || labels.Shape[0] != batch)
            throw new ArgumentException($"CTC: outputs {shape} need labels [{batch}, labels], received {(labels.IsDefault ? "none" : labels.Shape.ToString())}.", nameof(labels));
        if ((uint)blank >= (uint)classes) throw new ArgumentException($"CTC: the blank is class {blank}; the outputs {shape} have classes 0 to {classes - 1}.", nameof(blank));

        Tensor losses = tape.New(new Shape(batch), null, tape.Needs(logits));
        float* logProbabilities = tape.Scratch(logits.StoredLength);
        SoftmaxKernel.Forward(tape.Read(logits), logProbabilities, logits.Rows, classes, logarithm: true);
        int most = labels.Shape[1], parts = Math.Min(TeamParts.For(40.0 * logits.Rows * (2 * most + 1)), Math.Max(1, batch));
        long room = CtcLattice.ScratchLength(shape[1], most);
        var work = new Work
        {
            Sequences = new SequenceRows(logits.Layout, batch, shape[1]),
            Labels = (int*)tape.Scratch((long)batch * most),
            Counts = (int*)tape.Scratch(batch),
            MostLabels = most,
            Rows = (int*)tape.Scratch((long)parts * shape[1]),
            Scratch = tape.Scratch(parts * room),
            ScratchLength = room,
            Losses = tape.Read(losses),
            Lattice = new CtcLattice.Arguments
            {
                Classes = classes,
                Blank = blank,
                LogProbabilities = logProbabilities,
                Gradient = tape.Needs(logits) ? tape.Scratch(logits.StoredLength) : null,
            },
            ZeroInfinity = zeroInfinity,
        };
        ReadLabels(tape.Read(labels), new SequenceRows(labels.Layout, batch, most), classes, in work);
        ThreadTeam.Run(work, parts);
        if (tape.Needs(logits))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y) = (logits, losses);
            node.Gradient = work.Lattice.Gradient;
        }
        return losses;
    }

    /// <summary>The fewest steps into which labels fit: one each, and one for the blank between equal neighbours.</summary>
    private static int StepsNeeded(int* labels, int count)
    {
        int needed = count;
        for (int i = 1; i < count; i++) if (labels[i] == labels[i - 1]) needed++;
        return needed;
    }

    private static void ReadLabels(float* given, SequenceRows rows, int classes, in Work work)
    {
        for (int place = 0; place < rows.Batch; place++)
        {
            int b = rows.Sequence(place), count = rows.Length(b);
            int* labels = work.Labels + (long)b * work.MostLabels;
            for (int i = 0; i < count; i++)
            {
                float label = given[rows.Row(place, i)];
                if (!(label >= 0f && label < classes) || label != MathF.Floor(label) || label == work.Lattice.Blank)
                    throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                        $"CTC: label {i} of batch row {b} is {label}; expected a whole number from 0 to {classes - 1} other than the blank, {work.Lattice.Blank}. Labels of unequal number need lengths (Tensor.FromTokens)."), nameof(given));
                labels[i] = (int)label;
            }
            work.Counts[b] = count;
            int needed = StepsNeeded(labels, count), steps = work.Sequences.Length(b);
            if (steps < needed && !work.ZeroInfinity)
                throw new ArgumentException($"CTC: batch row {b} has {steps} steps; its {count} labels need at least {needed} ({needed - count} for the blanks between equal neighbours). Give longer sequences or fewer labels, or let such rows count 0 with zeroInfinity.", nameof(given));
        }
    }

    private struct Work : ITeamWork
    {
        public SequenceRows Sequences;
        public CtcLattice.Arguments Lattice;
        public int* Labels, Counts, Rows;
        public float* Scratch, Losses;
        public long ScratchLength;
        public int MostLabels;
        public bool ZeroInfinity;

        public readonly void Part(int part, int parts)
        {
            CtcLattice.Arguments lattice = Lattice;
            lattice.Rows = Rows + (long)part * Sequences.Steps;
            lattice.Scratch = Scratch + part * ScratchLength;
            (int first, int end) = TeamParts.Range(part, parts, Sequences.Batch, 1);
            for (int place = first; place < end; place++)
            {
                int b = Sequences.Sequence(place);
                lattice.Steps = Sequences.Length(b);
                lattice.Labels = Counts[b];
                lattice.Label = Labels + (long)b * MostLabels;
                lattice.Loss = Losses + b;
                Sequences.Fill(place, lattice.Rows);
                if (lattice.Steps == 0) Losses[b] = lattice.Labels == 0 ? 0f : float.PositiveInfinity;
                else CtcLattice.Run(in lattice);
                if (ZeroInfinity && float.IsPositiveInfinity(Losses[b])) Losses[b] = 0f; // its gradient is 0 already
            }
        }
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public float* Gradient;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            new SequenceRows(X.Layout, X.Shape[0], X.Shape[1]).AddScaled(Gradient, tape.Gradient(Y), tape.Gradient(X), X.Features);
        }

        public override void Clear()
        {
            X = Y = default;
            Gradient = null;
        }
    }
}

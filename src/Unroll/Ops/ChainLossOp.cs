using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Sequences;
using Unroll.Kernels.Threading;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// A linear chain's −log p(tags | x) for each sequence (Lafferty et al. 2001): log Σ over all paths of e^score minus the
/// score of the path given. The gradients are expected counts minus observed ones. A sequence without steps costs 0.
/// </summary>
internal static unsafe class ChainLossOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="emissions">[B, T, K], possibly with lengths.</param>
    /// <param name="tags">One of 0 to K − 1 for each stored row, on the tape.</param>
    /// <param name="transitions">[K, K], from row to column.</param>
    /// <param name="start">[K].</param>
    /// <param name="end">[K].</param>
    /// <param name="allowed">What paths are summed over; null for all.</param>
    /// <returns>[B].</returns>
    /// <exception cref="ArgumentException">Tags that are not allowed.</exception>
    public static Tensor Of(Tape tape, Tensor emissions, int* tags, Parameter transitions, Parameter start, Parameter end, ChainConstraint? allowed)
    {
        int batch = emissions.Shape[0], steps = emissions.Shape[1], count = emissions.Shape[2];
        var sequences = new SequenceRows(emissions.Layout, batch, steps);
        if (allowed is not null) CheckAllowed(in sequences, tags, allowed);
        bool weights = tape.Needs(transitions) || tape.Needs(start) || tape.Needs(end), needs = weights || tape.Needs(emissions);
        Tensor losses = tape.New(new Shape(batch), null, needs);
        var scores = new ChainScores(tape.Read(transitions), tape.Read(start), tape.Read(end), allowed, count, tape.Scratch(ChainScores.Length(count)));
        var work = new ChainWork(tape, sequences, tape.Read(emissions), scores, count, emissions.Rows)
        {
            Marginals = needs ? tape.Scratch(emissions.StoredLength) : null,
            Transitions = weights ? tape.Scratch((long)batch * count * count) : null,
        };
        ThreadTeam.Run(work, work.Parts);
        float* loss = tape.Read(losses), emission = tape.Read(emissions);
        for (int place = 0; place < batch; place++)
        {
            int b = sequences.Sequence(place);
            loss[b] = sequences.Length(b) == 0 ? 0f : (float)(work.LogPartitions[b] - Observe(in sequences, place, in work, emission, tags));
        }
        if (needs)
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y, node.Weights, node.Start, node.End) = (emissions, losses, transitions, start, end);
            node.Marginals = work.Marginals;
            node.Counts = work.Transitions;
        }
        return losses;
    }

    /// <summary>The score of the path given, which is also taken off the expected counts.</summary>
    private static double Observe(in SequenceRows sequences, int place, in ChainWork work, float* emissions, int* tags)
    {
        int b = sequences.Sequence(place), length = sequences.Length(b), count = work.Tags, width = ChainScores.Width(count), before = 0;
        double score = 0;
        for (int t = 0; t < length; t++)
        {
            int row = sequences.Row(place, t), tag = tags[row];
            score += emissions[(long)row * count + tag] + (double)(t == 0 ? work.Scores.Start[tag] : work.Scores.Forward[before * width + tag]);
            if (work.Marginals is not null) work.Marginals[(long)row * count + tag] -= 1f;
            if (work.Transitions is not null && t > 0) work.Transitions[((long)b * count + before) * count + tag] -= 1f;
            before = tag;
        }
        return score + work.Scores.End[before];
    }

    private static void CheckAllowed(in SequenceRows sequences, int* tags, ChainConstraint allowed)
    {
        for (int place = 0; place < sequences.Batch; place++)
        {
            int b = sequences.Sequence(place), length = sequences.Length(b), before = -1;
            for (int t = 0; t < length; t++)
            {
                int tag = tags[sequences.Row(place, t)];
                if (t == 0 ? !allowed.MayStart(tag) : !allowed.MayFollow(before, tag))
                    throw new ArgumentException($"Conditional random field: batch row {b}, step {t}: tag {tag} may not {(t == 0 ? "begin a sequence" : $"follow tag {before}")}; correct the tags, or train without the constraint.", nameof(tags));
                if (t == length - 1 && !allowed.MayEnd(tag))
                    throw new ArgumentException($"Conditional random field: batch row {b}, step {t}: tag {tag} may not end a sequence; correct the tags, or train without the constraint.", nameof(tags));
                before = tag;
            }
        }
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public Parameter Weights = null!, Start = null!, End = null!;
        public float* Marginals, Counts;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* dy = tape.Gradient(Y), dx = tape.Gradient(X), transitions = Tape.Gradient(Weights), start = Tape.Gradient(Start), end = Tape.Gradient(End);
            int count = X.Features, square = count * count;
            var sequences = new SequenceRows(X.Layout, X.Shape[0], X.Shape[1]);
            if (dx != null) sequences.AddScaled(Marginals, dy, dx, count);
            for (int place = 0; place < sequences.Batch; place++)
            {
                int b = sequences.Sequence(place), length = sequences.Length(b);
                if (length == 0 || dy[b] == 0f) continue;
                if (transitions != null) Add(Counts + (long)b * square, dy[b], transitions, square);
                if (start != null) Add(Marginals + (long)sequences.Row(place, 0) * count, dy[b], start, count);
                if (end != null) Add(Marginals + (long)sequences.Row(place, length - 1) * count, dy[b], end, count);
            }
        }

        public override void Clear()
        {
            X = Y = default;
            Weights = Start = End = null!;
            Marginals = Counts = null;
        }

        private static void Add(float* from, float factor, float* to, int count)
        {
            for (int i = 0; i < count; i++) to[i] = MathF.FusedMultiplyAdd(factor, from[i], to[i]);
        }
    }
}

using System.Buffers;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

public sealed unsafe partial class AttentiveDecoder
{
    /// <summary>The most tensors that a state can have.</summary>
    internal const int MostStates = 64;

    /// <summary>A bound on steps, for draws that differ from step to step.</summary>
    private const long LongestText = 1 << 20;

    /// <summary>Logits for known tokens.</summary>
    /// <param name="inputs">Tokens, memory, the source's words where they can be copied, and perhaps states.</param>
    /// <param name="pass">Tape and training flag.</param>
    /// <param name="wantsWeights">Whether the weights are wanted.</param>
    /// <param name="weights">[B, T, Ts], with the tokens' lengths.</param>
    private Tensor Decode(ReadOnlySpan<Tensor> inputs, Pass pass, bool wantsWeights, out Tensor weights)
    {
        if (!IsBuilt) throw new InvalidOperationException($"{Title} is not built; apply it in a functional Model.");
        if (pass.States is not null) throw new InvalidOperationException($"{Title} begins each text anew, so no state can be carried into it; use whole sequences.");
        Tensor tokens = PackOp.ByTime(pass.Tape, inputs[0]), sources = CopySlots is null ? default : inputs[2];
        AttentionMemory memory = Attention.Remember(inputs[1], inputs[1], pass);
        var room = default(DecoderParts);
        Span<Tensor> states = room;
        states = states[..Begin(inputs[FirstState..], tokens.Shape[0], states, pass)];
        bool writesItself = pass.Training && TeacherForcing is { } forcing && forcing.RatioAt(pass.Step) < 1;
        wantsWeights |= CopySlots is not null;
        Tensor written = InputFeeding || writesItself || LooksBack(pass)
            ? StepByStep(tokens, memory, sources, states, writesItself, pass, wantsWeights, out weights)
            : AtOnce(tokens, memory, states, pass, wantsWeights, out weights);
        return Head(Dropped(written, "attentional", pass), weights, sources, pass);
    }

    /// <summary>Whether a step needs the weights of those before it.</summary>
    private bool LooksBack(Pass pass) => Attention.LooksBack || (CoveragePenalty > 0 && pass.Training);

    /// <summary>a_t of all steps at once.</summary>
    private Tensor AtOnce(Tensor tokens, in AttentionMemory memory, Span<Tensor> states, Pass pass, bool wantsWeights, out Tensor weights)
    {
        Tensor x = Dropped(_embedding!.Forward(Known(tokens, pass), pass), "embedded", pass);
        for (int l = 0, first = 0; l < _recurrence.Length; l++)
        {
            if (l > 0) x = Dropped(x, _recurrence[l].Name, pass);
            x = _recurrence[l].Run(x, states.Slice(first, _stateCounts[l]), _stateCounts[l], pass, out _);
            first += _stateCounts[l];
        }
        return Combined(x, Attended(x, memory, pass, wantsWeights, out weights), pass);
    }

    /// <summary>a_t step by step, each from the one before or from a token of the decoder's own.</summary>
    private Tensor StepByStep(Tensor tokens, AttentionMemory memory, Tensor sources, Span<Tensor> states, bool writesItself, Pass pass, bool wantsWeights, out Tensor weights)
    {
        Tape tape = pass.Tape;
        SequenceLayout layout = tokens.Layout!;
        int longest = layout.Longest;
        var shape = new Shape(layout.Batch, layout.Steps, Units);
        Tensor embedded = Dropped(_embedding!.Forward(Known(tokens, pass), pass), "embedded", pass);
        Tensor[] written = ArrayPool<Tensor>.Shared.Rent(longest), looked = ArrayPool<Tensor>.Shared.Rent(longest);
        int rows = layout.Batch;
        if (!layout.IsFull)
        {
            int* order = (int*)tape.Scratch(rows);
            layout.Order.CopyTo(new Span<int>(order, rows));
            foreach (ref Tensor state in states) state = SelectRowsOp.Of(tape, state, order, rows);
        }
        Tensor last = pass.Zeros(rows, Units), lastWeights = default, repeated = default;
        for (int t = 0; t < longest; t++)
        {
            int now = layout.RowsAt(t);
            if (now < rows)
            {
                foreach (ref Tensor state in states) state = RowRangeOp.Of(tape, state, 0, now);
                last = RowRangeOp.Of(tape, last, 0, now);
                if (!lastWeights.IsDefault) lastWeights = RowRangeOp.Of(tape, lastWeights, 0, now);
                rows = now;
            }
            Pass step = pass with { TimeStep = t, Rows = layout };
            SequenceLayout queries = tape.NewLayout();
            queries.SetStep(layout, t);
            Tensor x = RowRangeOp.Of(tape, embedded, layout.Offset(t), now), before = memory.Total;
            if (writesItself && t > 0) x = TeacherForcing!.Fed(EmbeddedLikeliest(last, lastWeights, queries, sources, step), x, step);
            written[t] = last = Step(x, states, last, queries, ref memory, step, wantsWeights, out lastWeights);
            looked[t] = lastWeights;
            if (CoveragePenalty > 0 && pass.Training && t > 0) repeated = Sum(repeated, Smaller(memory.Previous, before, pass), pass);
        }
        if (!repeated.IsDefault) tape.Penalize(ScaleOp.Of(tape, repeated, CoveragePenalty / layout.Rows, 0));
        Tensor result = Stacked(written.AsSpan(0, longest), shape);
        weights = wantsWeights ? Stacked(looked.AsSpan(0, longest), shape.With(2, memory.Values.Shape[1])) : default;
        ArrayPool<Tensor>.Shared.Return(written, clearArray: true);
        ArrayPool<Tensor>.Shared.Return(looked, clearArray: true);
        return result;

        // Without any step there is nothing to stack; it counts as trained, so that a batch of empty texts has a backward pass.
        Tensor Stacked(ReadOnlySpan<Tensor> steps, Shape whole) => steps.IsEmpty ? tape.New(whole, layout, needsGradient: true) : StackRowsOp.Of(tape, steps, whole, layout);
    }

    /// <summary>One step of some rows.</summary>
    /// <param name="embedded">[rows, E]: the last tokens.</param>
    /// <param name="states">[rows, H] each: the recurrent layers' states, replaced by the next ones.</param>
    /// <param name="last">[rows, U]: a of the step before.</param>
    /// <param name="queries">Which sequence each row belongs to: rows packed by time; null where row r is sequence r's.</param>
    /// <param name="memory">What is attended to; where earlier weights count, those of this step are put in.</param>
    /// <param name="pass">Tape and training flag.</param>
    /// <param name="wantsWeights">Whether the weights are wanted.</param>
    /// <param name="weights">[rows, Ts].</param>
    /// <returns>[rows, U]: a of this step.</returns>
    internal Tensor Step(
        Tensor embedded, Span<Tensor> states, Tensor last, SequenceLayout? queries, ref AttentionMemory memory, Pass pass, bool wantsWeights, out Tensor weights)
    {
        Tape tape = pass.Tape;
        Tensor x = InputFeeding ? ConcatenateOp.Of(tape, embedded, last) : embedded;
        for (int l = 0, first = 0; l < _recurrence.Length; l++)
        {
            if (l > 0) x = Dropped(x, _recurrence[l].Name, pass);
            int count = _stateCounts[l];
            x = AsRows(_recurrence[l].Run(AsSteps(x, pass), states.Slice(first, count), count, pass, out _), pass);
            first += count;
        }
        bool looksBack = LooksBack(pass);
        Tensor context = Attended(AsQueries(x, queries, pass), memory, pass, wantsWeights || looksBack, out weights);
        if (looksBack)
        {
            Tensor now = UnpackOp.Of(tape, weights);
            memory = memory with { Previous = now, Total = memory.Total.IsDefault ? now : AddOp.Of(tape, memory.Total, now) };
        }
        if (!weights.IsDefault) weights = AsRows(weights, pass);
        return AsRows(Combined(AsSteps(x, pass), AsSteps(context, pass), pass), pass);
    }

    /// <summary>[rows, V]: the logits that follow from rows of a_t, as they are stored.</summary>
    /// <param name="attentional">[rows, U].</param>
    /// <param name="weights">[rows, Ts], where words can be copied.</param>
    /// <param name="queries">As for <see cref="Step"/>.</param>
    /// <param name="sources">[B, Ts] ids, where they can be copied.</param>
    /// <param name="pass">Tape and training flag.</param>
    internal Tensor Logits(Tensor attentional, Tensor weights, SequenceLayout? queries, Tensor sources, Pass pass) =>
        AsRows(Head(AsQueries(attentional, queries, pass), CopySlots is null ? default : AsQueries(weights, queries, pass), sources, pass), pass);

    /// <summary>[B, T, V and the slots]: what is written, or copied from the source.</summary>
    private Tensor Head(Tensor attentional, Tensor weights, Tensor sources, Pass pass)
    {
        Tensor logits = _head!.Forward(attentional, pass);
        return CopySlots is { } slots ? PointerMixtureOp.Of(pass.Tape, logits, _gate!.Forward(attentional, pass), weights, sources, slots) : logits;
    }

    /// <summary>The state before the first step, in the batch's order.</summary>
    /// <returns>How many tensors it has.</returns>
    internal int Begin(ReadOnlySpan<Tensor> given, int batch, Span<Tensor> states, Pass pass)
    {
        int count = _stateWidths.Length;
        if (given.IsEmpty)
        {
            for (int i = 0; i < count; i++) states[i] = pass.Zeros(batch, _stateWidths[i]);
            return count;
        }
        if (Bridge == StateBridge.Copy)
        {
            given.CopyTo(states);
            return count;
        }
        Tensor all = given.Length == 1 ? given[0] : ConcatenateOp.Of(pass.Tape, given);
        for (int i = 0; i < count; i++) states[i] = _bridges[i].Forward(all, pass);
        return count;
    }

    private Tensor Attended(Tensor queries, in AttentionMemory memory, Pass pass, bool wantsWeights, out Tensor weights)
    {
        if (wantsWeights) return Attention.Attend(queries, memory, pass, out weights);
        weights = default;
        return Attention.Attend(queries, memory, pass);
    }

    private Tensor Combined(Tensor hidden, Tensor context, Pass pass) => _combination!.Forward(ConcatenateOp.Of(pass.Tape, hidden, context), pass);

    /// <summary>[rows, E]: the embedding of a token a row, ids [rows, 1].</summary>
    internal Tensor Embedded(Tensor ids, Pass pass) => AsRows(_embedding!.Forward(Known(ids, pass), pass), pass);

    /// <summary>Ids of the vocabulary: one that was copied from a source and stands in a slot is read as unknown.</summary>
    private Tensor Known(Tensor ids, Pass pass)
    {
        if (CopySlots is null or 0) return ids;
        Tensor known = pass.Tape.NewLike(ids);
        ReadOnlySpan<float> from = ids.Storage;
        Span<float> to = known.Storage;
        for (int i = 0; i < to.Length; i++) to[i] = from[i] >= Vocabulary && from[i] < Outputs ? _embedding!.UnknownIndex!.Value : from[i];
        return known;
    }

    /// <summary>The embedding of the token that the decoder holds likeliest after a; no gradient goes through the choice.</summary>
    private Tensor EmbeddedLikeliest(Tensor attentional, Tensor weights, SequenceLayout queries, Tensor sources, Pass pass)
    {
        Tensor logits = Logits(attentional, weights, queries, sources, pass);
        int rows = logits.Shape[0];
        Tensor ids = pass.Tape.New(new Shape(rows, 1));
        ReadOnlySpan<float> numbers = logits.Storage;
        for (int row = 0; row < rows; row++) ids.Storage[row] = Likeliest(numbers.Slice(row * Outputs, Outputs));
        return Embedded(ids, pass);
    }

    /// <summary>Stored rows as the steps of sequences; without a layout as one of each.</summary>
    private static Tensor AsQueries(Tensor x, SequenceLayout? queries, Pass pass) => queries is null
        ? AsSteps(x, pass)
        : ReshapeOp.Stored(pass.Tape, x, new Shape(queries.Batch, queries.Steps, x.Features), queries);

    /// <summary>The smaller of two numbers at each place.</summary>
    private static Tensor Smaller(Tensor a, Tensor b, Pass pass) => pass.Subtract(a, pass.Apply(Activation.Relu, pass.Subtract(a, b)));

    private static Tensor Sum(Tensor before, Tensor x, Pass pass) =>
        before.IsDefault ? SumOp.Of(pass.Tape, x) : AddOp.Of(pass.Tape, before, SumOp.Of(pass.Tape, x));

    /// <summary>Stored rows as sequences of one step each, as the layers take them.</summary>
    private static Tensor AsSteps(Tensor x, Pass pass) => ReshapeOp.Stored(pass.Tape, x, new Shape(x.Rows, 1, x.Features), null);

    private static Tensor AsRows(Tensor x, Pass pass) => ReshapeOp.Stored(pass.Tape, x, new Shape(x.Rows, x.Features), null);

    /// <summary>The place of the largest number, the first of equal ones.</summary>
    private static int Likeliest(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
            if (logits[i] > logits[best]) best = i;
        return best;
    }

    /// <summary>Drops in training; each place within the layer has its own draws, and so has each step of those that are computed alone.</summary>
    private Tensor Dropped(Tensor x, string place, Pass pass)
    {
        if (!pass.Training || Dropout == 0) return x;
        bool isStep = pass.Rows is not null;
        long step = isStep ? checked(pass.Step * LongestText + pass.TimeStep) : pass.Step;
        return DropoutOp.Of(pass.Tape, x, Dropout, new RandomStream(pass.Seed, Name, step).Fork(place).Fork(isStep ? "step" : "all"));
    }

    [System.Runtime.CompilerServices.InlineArray(MostStates)]
    internal struct DecoderParts
    {
        private Tensor _first;
    }
}

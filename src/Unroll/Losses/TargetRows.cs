using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Losses;

/// <summary>
/// Finds, for each row of the outputs that exists in memory, its row of the targets and its weight. Outputs may be
/// packed by time; targets and weights may be packed alike or dense. Steps that only pad count nowhere.
/// </summary>
/// <remarks>
/// A row is one vector over the last axis; a step is one (batch, time) pair, or one batch index without time. All
/// memory is the tape's, so nothing is allocated in steady state. −1 in a map stands for no row.
/// </remarks>
internal readonly unsafe struct TargetRows
{
    private readonly Tape _tape;
    private readonly SequenceLayout? _layout;
    private readonly int _batch;
    private readonly int _time;
    private readonly int* _targetSteps;
    private readonly float* _targets;
    private readonly float* _elementWeights;

    /// <summary>Checks shapes and lays the rows side by side.</summary>
    /// <param name="tape">The outputs' tape.</param>
    /// <param name="lossName">For messages.</param>
    /// <param name="outputs">[B, …, F].</param>
    /// <param name="targets">[B, …, <paramref name="targetFeatures"/>], or without that axis where it is 1.</param>
    /// <param name="weights">[B], [B, T], or the targets' shape where <paramref name="perElement"/>; default for none.</param>
    /// <param name="targetFeatures">How many targets a row of outputs has; 0 for as many as outputs.</param>
    /// <param name="perElement">Whether each target may have its own weight.</param>
    /// <exception cref="ArgumentException">A shape, length or weight that does not fit.</exception>
    public TargetRows(Tape tape, string lossName, Tensor outputs, Tensor targets, Tensor weights, int targetFeatures, bool perElement)
    {
        if (targets.IsDefault) throw new ArgumentException($"Loss '{lossName}': the targets are empty (default).", nameof(targets));
        _tape = tape;
        _layout = outputs.Layout;
        Shape shape = outputs.Shape;
        if (shape.Rank == 0) throw new ArgumentException($"Loss '{lossName}': expected outputs [batch, …], received a single number.", nameof(outputs));
        bool perStepOnly = shape.Rank == 1 || (shape.Rank == 2 && (_layout is not null || targets.Layout is not null)); // no axis of features
        OutputFeatures = perStepOnly ? 1 : shape[-1];
        TargetFeatures = targetFeatures == 0 ? OutputFeatures : targetFeatures;
        bool hasTime = shape.Rank >= 3 || (shape.Rank == 2 && perStepOnly);
        _batch = shape[0];
        _time = hasTime ? shape[1] : 1;
        Steps = _layout?.Rows ?? checked(_batch * _time);
        RowsPerStep = 1;
        for (int i = 2; i < shape.Rank - 1; i++) RowsPerStep *= shape[i];
        Rows = checked(Steps * RowsPerStep);

        Shape expected = perStepOnly ? shape : shape.With(-1, TargetFeatures);
        if (!Fits(targets.Shape, expected)) throw new ArgumentException(MismatchedTargets(lossName, shape, expected, targets.Shape), nameof(targets));
        _targets = tape.Read(targets);
        _targetSteps = MapSteps(lossName, "targets", targets.Layout, hasTime);

        bool anyAbsent = false;
        for (int s = 0; _targetSteps is not null && s < Steps; s++) anyAbsent |= _targetSteps[s] < 0;
        if (weights.IsDefault && !anyAbsent) return;

        RowWeights = tape.Scratch(Rows);
        for (int row = 0; row < Rows; row++) RowWeights[row] = anyAbsent && _targetSteps[row / RowsPerStep] < 0 ? 0f : 1f;
        if (weights.IsDefault) return;
        CheckWeights(lossName, weights);
        float* given = tape.Read(weights);
        if (Fits(weights.Shape, new Shape(_batch)))
        {
            for (int row = 0; row < Rows; row++) RowWeights[row] *= given[BatchOf(row / RowsPerStep)];
        }
        else if (hasTime && Fits(weights.Shape, new Shape(_batch, _time)))
        {
            int* steps = MapSteps(lossName, "weights", weights.Layout, hasTime);
            for (int row = 0; row < Rows; row++)
            {
                int step = row / RowsPerStep;
                int source = steps is null ? step : steps[step];
                RowWeights[row] *= source < 0 ? 0f : given[source];
            }
        }
        else if (perElement && Fits(weights.Shape, expected))
        {
            _elementWeights = Gathered(given, MapSteps(lossName, "weights", weights.Layout, hasTime));
        }
        else
        {
            throw new ArgumentException($"Loss '{lossName}': expected weights [{_batch}], one a sample{(hasTime ? $", or [{_batch}, {_time}], one a step" : "")}{(perElement ? $", or {expected}, one a target" : "")}; received {weights.Shape}.", nameof(weights));
        }
    }

    /// <summary>Rows of the outputs that exist.</summary>
    public int Rows { get; }

    /// <summary>How many rows a step has: 1, or more where there are axes between time and the last.</summary>
    public int RowsPerStep { get; }

    /// <summary>Steps that exist.</summary>
    public int Steps { get; }

    /// <summary>Numbers in a row of the outputs.</summary>
    public int OutputFeatures { get; }

    /// <summary>Numbers in a row of the targets.</summary>
    public int TargetFeatures { get; }

    /// <summary>A weight for each row, 0 for one that has no target; null where every row counts once.</summary>
    public float* RowWeights { get; }

    /// <summary>The targets [Rows, TargetFeatures] in the outputs' order; zeros where there is none.</summary>
    public float* Targets() => Gathered(_targets, _targetSteps);

    /// <summary>A weight for each of the targets in the outputs' order; null where every one counts once.</summary>
    public float* TargetWeights()
    {
        if (RowWeights is null) return null;
        int length = checked(Rows * TargetFeatures);
        float* expanded = _tape.Scratch(length);
        for (int i = 0; i < length; i++)
            expanded[i] = RowWeights[i / TargetFeatures] * (_elementWeights is null ? 1f : _elementWeights[i]);
        return expanded;
    }

    /// <summary>Where a row is, for messages: <c>batch row 3, step 7</c>.</summary>
    public string Describe(int row)
    {
        int step = row / RowsPerStep, batch = BatchOf(step), time = _layout is { } layout ? TimeOf(layout, step) : step % Math.Max(_time, 1);
        return _time == 1 && _layout is null ? $"batch row {batch}" : $"batch row {batch}, step {time}";
    }

    private float* Gathered(float* source, int* steps)
    {
        if (steps is null) return source;
        int width = RowsPerStep * TargetFeatures;
        // Fifteen floats past the end may be read by a kernel; any memory of the tape allows that.
        float* gathered = _tape.Scratch((long)Steps * width);
        for (int s = 0; s < Steps; s++)
        {
            var destination = new Span<float>(gathered + (long)s * width, width);
            if (steps[s] < 0) destination.Clear();
            else new ReadOnlySpan<float>(source + (long)steps[s] * width, width).CopyTo(destination);
        }
        return gathered;
    }

    /// <summary>For each step of the outputs, the step in the memory of another tensor; null where they are the same.</summary>
    private int* MapSteps(string lossName, string what, SequenceLayout? other, bool hasTime)
    {
        if (_layout is null && other is null) return null;
        if (_layout is not null && other is not null)
        {
            if (_layout.SameAs(other)) return null;
            int b = 0;
            while (b < _batch && b < other.Batch && _layout.Lengths[b] == other.Lengths[b]) b++;
            throw new ArgumentException(b < _batch && b < other.Batch
                ? $"Loss '{lossName}': sequence {b} has {_layout.Lengths[b]} steps in the outputs and {other.Lengths[b]} in the {what}; give both the same lengths."
                : $"Loss '{lossName}': the {what} have {other.Batch} sequences of at most {other.Steps} steps, the outputs {_batch} of at most {_time}.", what);
        }
        int* map = (int*)_tape.Scratch(Steps);
        SequenceLayout layout = _layout ?? other!;
        if (_layout is null) new Span<int>(map, Steps).Fill(-1);
        for (int t = 0; t < layout.Steps; t++)
            for (int r = 0; r < layout.RowsAt(t); r++)
            {
                int packed = layout.Offset(t) + r, dense = hasTime ? layout.Order[r] * _time + t : layout.Order[r];
                if (_layout is null) map[dense] = packed;
                else map[packed] = dense;
            }
        return map;
    }

    private int BatchOf(int step)
    {
        if (_layout is not { } layout) return step / Math.Max(_time, 1);
        return layout.Order[step - layout.Offset(TimeOf(layout, step))];
    }

    private static int TimeOf(SequenceLayout layout, int step)
    {
        int low = 0, high = layout.Steps - 1; // the last t with Offset(t) <= step and a row
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (layout.Offset(middle) <= step) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    private static void CheckWeights(string lossName, Tensor weights)
    {
        Span<float> values = weights.Storage;
        for (int i = 0; i < values.Length; i++)
            if (!(values[i] >= 0f && values[i] < float.PositiveInfinity))
                throw new ArgumentException($"Loss '{lossName}': weights are finite and not negative; found {values[i].ToString(System.Globalization.CultureInfo.InvariantCulture)} among {weights.Shape}.", nameof(weights));
    }

    /// <summary>Whether shapes are equal when one of them may lack a last axis of 1.</summary>
    private static bool Fits(Shape found, Shape expected) =>
        found == expected || Squeezed(found) == expected || found == Squeezed(expected);

    private static Shape Squeezed(Shape shape)
    {
        if (shape.Rank < 2 || shape[-1] != 1) return shape;
        Span<int> axes = stackalloc int[Shape.MaximumRank];
        for (int i = 0; i < shape.Rank - 1; i++) axes[i] = shape[i];
        return new Shape(axes[..(shape.Rank - 1)]);
    }

    private static string MismatchedTargets(string lossName, Shape outputs, Shape expected, Shape found)
    {
        string wanted = Squeezed(expected) == expected ? $"{expected}" : $"{expected} or {Squeezed(expected)}";
        string hint = outputs.Rank >= 3 && found.Rank < outputs.Rank && found.Rank >= 1 && found[0] == outputs[0] && (found.Rank == 1 || found[1] != outputs[1])
            ? " The targets seem to have no time axis: let the last recurrent layer return only its last output, or give targets for every step."
            : outputs.Rank == 2 && found.Rank >= 2 && found[0] == outputs[0] && found[1] != 1 && expected[-1] == 1
                ? " If the targets are one-hot, use categorical_crossentropy; if they are steps, let the last recurrent layer return sequences."
                : "";
        return $"Loss '{lossName}': outputs {outputs} need targets {wanted}, received {found}.{hint}";
    }
}

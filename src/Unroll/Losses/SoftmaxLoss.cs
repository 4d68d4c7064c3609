using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Losses;
using Unroll.Kernels.Simd;
using Unroll.Tensors;

namespace Unroll.Losses;

/// <summary>
/// What the losses with a softmax have in common: the rows' largest logits and sums of exponentials; their gradient; class
/// weights; label smoothing.
/// </summary>
internal abstract unsafe class SoftmaxLoss : Loss
{
    private readonly NativeBlock? _classWeights;

    protected SoftmaxLoss(string name, float labelSmoothing, IReadOnlyList<float>? classWeights)
    {
        LabelSmoothing = CheckedSmoothing(labelSmoothing);
        if (classWeights is null) return;
        CheckClassWeights(name, classWeights);
        _classWeights = new NativeBlock(classWeights.Count);
        for (int c = 0; c < classWeights.Count; c++) _classWeights.Pointer[c] = classWeights[c];
    }

    /// <inheritdoc/>
    public override bool TakesLogits => true;

    /// <inheritdoc/>
    public override bool Matches(string activationName) => activationName is "linear" or "softmax";

    /// <inheritdoc/>
    internal override JsonObject Settings => new()
    {
        ["label_smoothing"] = LabelSmoothing,
        ["class_weights"] = _classWeights is { } weights ? LossSettings.List(new ReadOnlySpan<float>(weights.Pointer, (int)weights.Capacity)) : null,
    };

    private protected override string ExpectedEnding => "'softmax'";

    /// <summary>ε.</summary>
    private protected float LabelSmoothing { get; }

    /// <summary>One a class, readable past its end; null for ones.</summary>
    private protected float* ClassWeights => _classWeights is null ? null : _classWeights.Pointer;

    /// <summary>Refuses logits of another number of classes than there are weights for.</summary>
    private protected void CheckClasses(Tensor outputs, int classes)
    {
        if (_classWeights is { } weights && weights.Capacity != classes)
            throw new ArgumentException($"Loss '{Name}': {weights.Capacity} class weights were given, the outputs {outputs.Shape} have {classes} classes.", nameof(outputs));
    }

    internal static float CheckedSmoothing(float labelSmoothing) => labelSmoothing is >= 0f and < 1f
        ? labelSmoothing
        : throw new ArgumentOutOfRangeException(nameof(labelSmoothing), labelSmoothing, "Label smoothing is at least 0 and below 1.");

    internal static void CheckClassWeights(string lossName, IReadOnlyList<float> classWeights)
    {
        for (int c = 0; c < classWeights.Count; c++)
            if (!(classWeights[c] >= 0f && float.IsFinite(classWeights[c])))
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Loss '{lossName}': the weight of class {c} is {classWeights[c]}; expected a finite number of at least 0."), nameof(classWeights));
    }

    /// <summary>A copy of the rows' weights, ones where there are none, that a loss may change.</summary>
    private protected static float* OwnRowWeights(Tape tape, TargetRows rows)
    {
        float* own = tape.Scratch(rows.Rows);
        for (int r = 0; r < rows.Rows; r++) own[r] = rows.RowWeights is null ? 1f : rows.RowWeights[r];
        return own;
    }

    /// <summary>What <see cref="SoftmaxRows"/> computed of the rows.</summary>
    private protected readonly struct Softmax
    {
        public readonly float* Largest, Sums, LogSums;

        public Softmax(Tape tape, Tensor outputs, float* rowWeights, int rows, int classes)
        {
            Largest = tape.Scratch(rows);
            Sums = tape.Scratch(rows);
            LogSums = tape.Scratch(rows);
            SoftmaxRows.Run(tape.Read(outputs), rowWeights, Largest, Sums, rows, classes);
            Map.Run(default(LogMap), Sums, LogSums, rows); // a row of weight 0 has anything there, and is not read
        }
    }

    /// <summary>
    /// dx_rc += dL/Σw · (factor_r exp(x_rc − m_r) − weight_r v_rc), and − hit_r at the row's own class where there are indices.
    /// </summary>
    private protected sealed class SoftmaxNode : Node
    {
        private SoftmaxLoss? _owner;
        private Tensor _outputs, _loss;
        private float* _largest, _factors, _rowWeights, _hits;
        private int* _indices;
        private ClassDistribution _distribution;
        private bool _distributed;
        private int _rows, _classes;
        private double _total;

        public void Set(SoftmaxLoss owner, Tensor outputs, Tensor loss, float* largest, float* factors, float* rowWeights, int rows, int classes, double total)
        {
            _owner = owner;
            _outputs = outputs;
            _loss = loss;
            _largest = largest;
            _factors = factors;
            _rowWeights = rowWeights;
            _rows = rows;
            _classes = classes;
            _total = total;
            _indices = null;
            _hits = null;
            _distributed = false;
        }

        /// <summary>Subtract at one class a row.</summary>
        public void SetIndices(int* indices, float* hits)
        {
            _indices = indices;
            _hits = hits;
        }

        /// <summary>Subtract at every class.</summary>
        public void SetDistribution(ClassDistribution distribution) => (_distribution, _distributed) = (distribution, true);

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(_loss)) return;
            float scale = (float)(*tape.Gradient(_loss) / _total);
            float* gradient = tape.Gradient(_outputs, out bool isFirst);
            SoftmaxRows.Gradient(tape.Read(_outputs), _largest, _factors, scale, gradient, adds: !isFirst, _rows, _classes);
            if (_distributed) DistributionLoss.Subtract(_distribution, _rowWeights, scale, gradient, _rows, _classes);
            if (_indices is null) return;
            for (int r = 0; r < _rows; r++)
                if (_rowWeights[r] != 0f) gradient[(long)r * _classes + _indices[r]] -= _hits[r] * scale;
        }

        public override void Clear()
        {
            _outputs = _loss = default;
            _owner = null; // kept until now for the memory of its class weights
        }
    }
}

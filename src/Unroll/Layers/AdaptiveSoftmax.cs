using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Elementary;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>
/// A softmax over a large vocabulary in clusters by frequency (Grave et al. 2017): [B, …, H] becomes probabilities
/// [B, …, V]. A head decides among the classes below the first cutoff and the clusters; a cluster's classes are told
/// apart behind a projection to H / division^i numbers (i from 1). Class 0 is the most frequent, class V − 1 the rarest.
/// </summary>
/// <remarks>
/// log p(y) is the head's for a frequent class, otherwise the head's of its cluster plus the cluster's of the class: exact,
/// and the loss computes only the clusters that its targets are in. No biases, as in PyTorch's default. Train with
/// <c>Loss.AdaptiveSoftmax()</c>.
/// </remarks>
public sealed class AdaptiveSoftmax : Layer
{
    internal const string KindName = "adaptive_softmax";

    private readonly int[] _cutoffs;
    private readonly Head _head;
    private Parameter? _headKernel;
    private Parameter[] _projections = [], _tails = [];

    /// <summary>A softmax over <paramref name="vocabulary"/> classes in clusters.</summary>
    /// <param name="vocabulary">V.</param>
    /// <param name="cutoffs">Where clusters begin, ascending, from 1 to V − 1: [2000, 10000] leaves 2,000 classes to the head. At least one.</param>
    /// <param name="division">By which each cluster's projection is narrower than the last one's, at least 1. Default 4.</param>
    /// <param name="kernelInitializer">First values of all weights; default <see cref="GlorotUniform"/>.</param>
    /// <param name="name">Unique in its model; null for "adaptive_softmax" …</param>
    /// <exception cref="ArgumentException">Cutoffs that are none, not ascending or out of range, or a division below 1.</exception>
    public AdaptiveSoftmax(int vocabulary, IReadOnlyList<int> cutoffs, int division = 4, Initializer? kernelInitializer = null, string? name = null)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(cutoffs);
        if (division < 1) throw new ArgumentOutOfRangeException(nameof(division), $"AdaptiveSoftmax: expected a division of at least 1, received {division}.");
        if (cutoffs.Count == 0) throw new ArgumentException("AdaptiveSoftmax: expected at least one cutoff, received none.", nameof(cutoffs));
        for (int i = 0; i < cutoffs.Count; i++)
            if (cutoffs[i] <= (i == 0 ? 0 : cutoffs[i - 1]) || cutoffs[i] >= vocabulary)
                throw new ArgumentException($"AdaptiveSoftmax: expected ascending cutoffs from 1 to {vocabulary - 1}, received {string.Join(", ", cutoffs)}.", nameof(cutoffs));
        Vocabulary = vocabulary;
        _cutoffs = [.. cutoffs];
        Division = division;
        KernelInitializer = kernelInitializer ?? new GlorotUniform();
        _head = new Head(this);
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>V.</summary>
    public int Vocabulary { get; }

    /// <summary>The first class of each cluster.</summary>
    public IReadOnlyList<int> Cutoffs => _cutoffs;

    /// <summary>By which each projection is narrower than the last.</summary>
    public int Division { get; }

    /// <summary>First values of all weights.</summary>
    public Initializer KernelInitializer { get; }

    /// <inheritdoc/>
    public override Activation? FinalActivation => _head;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        if (input.Rank < 2 || input.Features == Shape.Unknown)
            throw new ArgumentException($"{Title}: expected input [batch, features] or [batch, time, features] with a known feature count, received {input}.", nameof(input));
        return input.With(-1, Vocabulary);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass) => _head.Apply(pass.Tape, ForwardBeforeActivation(input, pass));

    /// <inheritdoc/>
    public override Tensor ForwardBeforeActivation(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        return OutputHeadOp.Of(pass.Tape, input, _head, pass.Training, default);
    }

    /// <summary>The exact log probability of every class, [B, …, V], on the pass's tape.</summary>
    /// <param name="input">[B, …, H].</param>
    /// <param name="pass">The tape.</param>
    /// <exception cref="ArgumentException">An input that does not fit.</exception>
    public Tensor LogProbabilities(Tensor input, Pass pass)
    {
        EnsureBuilt(input, pass);
        Tape tape = pass.Tape;
        Tensor result = tape.New(input.Shape.With(-1, Vocabulary), input.Layout);
        Tensor head = LogSoftmaxOp.Of(tape, LinearOp.Of(tape, input, _headKernel!, null));
        int frequent = _cutoffs[0], headWidth = head.Features;
        for (int r = 0; r < input.Rows; r++) head.Storage.Slice(r * headWidth, frequent).CopyTo(result.Storage[(r * Vocabulary)..]);
        for (int cluster = 0; cluster < _cutoffs.Length; cluster++)
        {
            Tensor tail = Tail(tape, input, cluster);
            int first = _cutoffs[cluster], size = tail.Features;
            for (int r = 0; r < input.Rows; r++)
            {
                float log = head.Storage[r * headWidth + frequent + cluster];
                for (int c = 0; c < size; c++) result.Storage[r * Vocabulary + first + c] = log + tail.Storage[r * size + c];
            }
        }
        return result;
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration["vocabulary"] = Vocabulary;
        configuration["cutoffs"] = new JsonArray([.. _cutoffs.Select(cutoff => (JsonNode)JsonValue.Create(cutoff))]);
        configuration["division"] = Division;
        configuration["kernel_initializer"] = KernelInitializer.Describe();
    }

    internal static AdaptiveSoftmax FromConfiguration(JsonObject configuration)
    {
        var settings = new LayerSettings(KindName, configuration);
        return new AdaptiveSoftmax(settings.WholeNumber("vocabulary"), settings.WholeNumbers("cutoffs"), settings.WholeNumber("division"), settings.Initializer("kernel_initializer"));
    }

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        int inputs = input.Features, width = inputs;
        _headKernel = Matrix("head", inputs, _cutoffs[0] + _cutoffs.Length, seed);
        _projections = new Parameter[_cutoffs.Length];
        _tails = new Parameter[_cutoffs.Length];
        for (int i = 0; i < _cutoffs.Length; i++)
        {
            width = Math.Max(1, width / Division);
            string number = i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            _projections[i] = Matrix("projection_" + number, inputs, width, seed);
            _tails[i] = Matrix("tail_" + number, width, (i + 1 < _cutoffs.Length ? _cutoffs[i + 1] : Vocabulary) - _cutoffs[i], seed);
        }
    }

    private Parameter Matrix(string name, int rows, int columns, ulong seed) =>
        AddParameter(new Parameter(name, new Shape(rows, columns), new PanelLayout(rows, 1, columns)).Filled(KernelInitializer, this, seed));

    private Tensor Tail(Tape tape, Tensor x, int cluster) =>
        LogSoftmaxOp.Of(tape, LinearOp.Of(tape, LinearOp.Of(tape, x, _projections[cluster], null), _tails[cluster], null));

    private sealed unsafe class Head(AdaptiveSoftmax layer) : OutputHead(KindName)
    {
        public override int Classes => layer.Vocabulary;

        internal override Tensor Apply(Tape tape, Tensor x)
        {
            Tensor y = layer.LogProbabilities(x, new Pass(tape));
            Map.Run(default(ExpMap), tape.Read(y), tape.Read(y), y.StoredLength);
            return y;
        }

        public override Tensor Loss(Tape tape, Tensor features, int* labels, float* weights, double total)
        {
            int rows = features.Rows, frequent = layer._cutoffs[0];
            int* places = (int*)tape.Scratch(rows);
            for (int r = 0; r < rows; r++) places[r] = labels[r] < frequent ? labels[r] : frequent + layer.ClusterOf(labels[r]);
            Tensor head = LogSoftmaxOp.Of(tape, LinearOp.Of(tape, features, layer._headKernel!, null));
            Tensor loss = WeightedMeanOp.Of(tape, PickOp.Of(tape, head, places), weights, -total);
            for (int cluster = 0; cluster < layer._cutoffs.Length; cluster++)
            {
                int* members = (int*)tape.Scratch(rows), inside = (int*)tape.Scratch(rows);
                float* memberWeights = tape.Scratch(rows);
                int count = 0;
                for (int r = 0; r < rows; r++)
                {
                    if (places[r] != frequent + cluster || weights[r] == 0f) continue;
                    (members[count], inside[count], memberWeights[count]) = (r, labels[r] - layer._cutoffs[cluster], weights[r]);
                    count++;
                }
                if (count == 0) continue;
                Tensor tail = layer.Tail(tape, SelectRowsOp.Of(tape, features, members, count), cluster);
                loss = AddOp.Of(tape, loss, WeightedMeanOp.Of(tape, PickOp.Of(tape, tail, inside), memberWeights, -total));
            }
            return loss;
        }
    }

    private int ClusterOf(int label)
    {
        int cluster = _cutoffs.Length - 1;
        while (label < _cutoffs[cluster]) cluster--;
        return cluster;
    }
}

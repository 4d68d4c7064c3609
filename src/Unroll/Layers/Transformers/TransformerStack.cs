using System.Globalization;
using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>Equal layers of the Transformer one behind the other, and a layer normalisation behind the last where they are pre-norm.</summary>
public abstract class TransformerStack : TransformerLayer
{
    private readonly List<TransformerLayer> _layers = [];
    private readonly bool? _finalNorm;
    private LayerNormalization? _norm;

    private protected TransformerStack(int layers, int heads, int feedForwardSize, string? name)
        : base(heads, feedForwardSize, name) => LayerCount = AtLeastOne(layers);

    private protected TransformerStack(in LayerSettings settings)
        : base(in settings)
    {
        LayerCount = AtLeastOne(settings.WholeNumber("layers"));
        _finalNorm = settings.Flag("final_norm");
    }

    /// <summary>How many layers.</summary>
    public int LayerCount { get; }

    /// <summary>Whether a layer normalisation follows the last layer. Default <see cref="TransformerLayer.NormFirst"/>: only pre-norm leaves sums that are not normalised.</summary>
    public bool FinalNorm { get => _finalNorm ?? NormFirst; init => _finalNorm = value; }

    /// <inheritdoc/>
    public override Tensor Forward(ReadOnlySpan<Tensor> inputs, Pass pass)
    {
        EnsureBuilt(inputs, pass);
        Tensor x = inputs[0];
        foreach (TransformerLayer layer in _layers) x = inputs.Length == 1 ? layer.Forward([x], pass) : layer.Forward([x, inputs[1]], pass);
        return _norm is null ? x : _norm.Forward(x, pass);
    }

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        base.WriteConfiguration(configuration);
        configuration["layers"] = LayerCount;
        configuration["final_norm"] = FinalNorm;
    }

    /// <summary>One layer with this one's settings.</summary>
    private protected abstract TransformerLayer NewLayer();

    /// <inheritdoc/>
    private protected override void CreateParameters(ReadOnlySpan<Shape> inputs, ulong seed)
    {
        for (int i = 0; i < LayerCount; i++) _layers.Add(Inner(NewLayer(), "layer_" + i.ToString(CultureInfo.InvariantCulture), seed, inputs));
        if (FinalNorm) _norm = Norm("final_norm", inputs[0], seed);
    }

    private int AtLeastOne(int layers) => layers >= 1 ? layers
        : throw new ArgumentOutOfRangeException(nameof(layers), $"{GetType().Name}: expected at least 1 layer, received {layers}.");
}

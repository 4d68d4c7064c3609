using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Decoding;
using Unroll.Kernels.Layouts;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Inference;

/// <summary>
/// A language model, or a decoder with what it listens to, one token at a time: each step computes the new position alone, against the keys and
/// values of the earlier ones, with the bits of the whole sequence at once. For <see cref="BeamSearch"/> and <see cref="TokenGenerator"/>.
/// </summary>
/// <remarks>
/// A model of causal attention and layers that look at one step: <c>new Sequential { new Embedding(v, f), new PositionalEncoding(),
/// new TransformerEncoder(6, 8, 4 * f) { Causal = true }, new Dense(v) }</c>. Not for use by several threads at once.
/// </remarks>
public sealed class CausalTokenModel : INextTokenModel
{
    private readonly Network _model;
    private readonly KeyValueCache _cache;
    private readonly Tape _tape = new(recording: false);
    private readonly Tensor _memory;
    private readonly Tensor[] _inputs, _outputs = new Tensor[1];
    private readonly bool[] _beforeActivation;

    /// <summary>A language model at its beginning.</summary>
    /// <param name="model">Built; of token ids [B, T] to logits or probabilities [B, T, V].</param>
    /// <param name="rows">How many sequences begin, at least 1.</param>
    /// <exception cref="ArgumentException">Another model, a layer that looks at later steps or keeps another state, or no row.</exception>
    public CausalTokenModel(Network model, int rows = 1)
        : this(model, default, rows)
    {
    }

    /// <summary>A decoder at its beginning.</summary>
    /// <param name="model">Built; of token ids [B, T] and what it listens to to logits or probabilities [B, T, V].</param>
    /// <param name="memory">What it listens to, the encoder's output: [B, S, M], perhaps with lengths. One row a sequence.</param>
    /// <exception cref="ArgumentException">Another model, or a layer that looks at later steps or keeps another state.</exception>
    public CausalTokenModel(Network model, Tensor memory)
        : this(model, memory, memory.Shape[0])
    {
    }

    private CausalTokenModel(Network model, Tensor memory, int rows)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (rows < 1) throw new ArgumentException($"CausalTokenModel: expected at least one row, received {rows}.", nameof(rows));
        model.RequireBuilt("generate");
        int inputs = memory.IsDefault ? 1 : 2;
        if (model.InputCount != inputs || model.OutputCount != 1)
            throw new ArgumentException($"CausalTokenModel: expected a model of {inputs} input{(inputs == 1 ? "" : "s")} and one output, received '{model.Name}' with {model.InputCount} and {model.OutputCount}.", nameof(model));
        if (!new Shape(-1, -1).Accepts(model.InputShapeAt(0)) || model.OutputShapeAt(0) is not { Rank: 3 } output || output[1] >= 0)
            throw new ArgumentException($"CausalTokenModel: expected a model of ids [?, ?] to [?, ?, tokens], received '{model.Name}' of {model.InputShapeAt(0)} to {model.OutputShapeAt(0)}.", nameof(model));
        RequireCausal(model.Layers);
        (_model, _memory, VocabularySize) = (model, memory, output.Features);
        _inputs = new Tensor[inputs];
        _beforeActivation = [model.FinalActivationOf(0) == Activation.Softmax];
        _cache = new KeyValueCache(rows);
    }

    /// <inheritdoc/>
    public int VocabularySize { get; }

    /// <inheritdoc/>
    public int Rows => _cache.Rows;

    /// <summary>How many tokens each sequence has had.</summary>
    public int Position => _cache.Steps;

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<int> lastTokens, Span<float> logits)
    {
        if (lastTokens.Length != Rows) throw new ArgumentException($"CausalTokenModel: expected {Rows} tokens, one a row, received {lastTokens.Length}.", nameof(lastTokens));
        if (logits.Length != Rows * VocabularySize) throw new ArgumentException($"CausalTokenModel: expected room for {Rows * VocabularySize} logits, received {logits.Length}.", nameof(logits));
        try
        {
            SequenceLayout layout = _tape.NewLayout(); // so that no token is taken for padding
            layout.SetFull(Rows, 1);
            Tensor tokens = _tape.New(new Shape(Rows, 1), layout);
            for (int row = 0; row < Rows; row++) tokens.Storage[row] = lastTokens[row];
            _inputs[0] = tokens;
            if (_inputs.Length > 1) _inputs[1] = _memory;
            _model.Run(_inputs, _outputs, _beforeActivation, new Pass(_tape) { Cache = _cache });
            _outputs[0].Storage.CopyTo(logits);
            _cache.Advance(1);
        }
        finally
        {
            _tape.Reset();
        }
    }

    /// <inheritdoc/>
    public void Select(ReadOnlySpan<int> sources)
    {
        foreach (int source in sources)
            if ((uint)source >= (uint)Rows) throw new ArgumentException($"CausalTokenModel: expected sources from 0 to {Rows - 1}, received {source}.", nameof(sources));
        _cache.Select(sources);
    }

    private static void RequireCausal(IEnumerable<Layer> layers)
    {
        foreach (Layer layer in layers)
        {
            switch (layer)
            {
                case Embedding or PositionalEncoding or PositionEmbedding or Dense or TiedDense or LayerNormalization or ActivationLayer or MergingLayer:
                case Dropout or SpatialDropout or ActivityRegularization or TemporalActivityRegularization:
                case TransformerEncoderLayer { Causal: true } or TransformerEncoder { Causal: true } or TransformerDecoderLayer or TransformerDecoder:
                case MultiHeadAttention { Causal: true, ReturnAttentionScores: false, InputShapes.Count: 1 } or MultiHeadAttention { Causal: false, ReturnAttentionScores: false, InputShapes.Count: > 1 }:
                    continue;
                case CompositeLayer composite:
                    RequireCausal(composite.Layers);
                    continue;
                case ModelLayer nested:
                    RequireCausal(nested.Model.Layers);
                    continue;
                default:
                    throw new ArgumentException($"CausalTokenModel: expected causal attention and layers that look at one step alone, found {layer.Title}. Set Causal on self-attention; a model with recurrent layers goes step by step with OpenStream.", nameof(layers));
            }
        }
    }
}

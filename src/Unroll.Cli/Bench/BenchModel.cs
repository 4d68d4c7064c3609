using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Inference;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Cli.Bench;

/// <summary>
/// A shape's model, input and buffers, made once; <see cref="Forward"/> and <see cref="Train"/> are what is timed: the
/// public calls from a dense [B, T, I] tensor to dense numbers [B, T, H] ([B, T, 2H] read both ways).
/// </summary>
internal sealed class BenchModel
{
    private readonly Layer[] _layers;
    private readonly Tensor _input;
    private readonly int[]? _lengths;
    private readonly float[] _output, _ones;
    private readonly float[] _values;
    private readonly ModelStream? _stream;
    private readonly Tape _inference = new(recording: false), _training = new();

    /// <summary>Makes the model.</summary>
    /// <param name="shape">Its sizes.</param>
    /// <param name="checkpointing">Whether training computes the gates again instead of keeping them.</param>
    public BenchModel(BenchShape shape, bool checkpointing = false)
    {
        _layers = new Layer[shape.Layers];
        int inputs = shape.Inputs, width = shape.Units * (shape.Bidirectional ? 2 : 1);
        for (int l = 0; l < _layers.Length; l++)
        {
            SequenceLayer layer = BenchCell.All[shape.Cell].Make(shape.Units);
            if (layer is RecurrentLayer fused) fused.GradientCheckpointing = checkpointing;
            string name = $"layer_{l}";
            _layers[l] = shape.Bidirectional ? new Bidirectional(layer, name: name) : layer;
            if (!shape.Bidirectional) _layers[l].Name = name;
            _layers[l].Build(new Shape(Shape.Unknown, Shape.Unknown, inputs), seed: 1);
            inputs = width;
        }
        _values = new float[shape.Batch * shape.Steps * shape.Inputs];
        var draws = new RandomStream(1, "bench/input", 0);
        for (int i = 0; i < _values.Length; i++) _values[i] = draws.Below(20001, i) * 1e-4f - 1f;
        _input = Tensor.FromArray(_values, shape.Batch, shape.Steps, shape.Inputs);
        _lengths = shape.Ragged ? shape.Lengths() : null;
        _output = new float[shape.Batch * shape.Steps * width];
        _ones = new float[_output.Length];
        _ones.AsSpan().Fill(1f);
        if (shape.IsStream) _stream = Stream(shape.Weights);
    }

    /// <summary>What the model reads.</summary>
    public Tensor Input => _input;

    /// <summary>The numbers that the last call computed, row-major.</summary>
    public ReadOnlySpan<float> Output => _output;

    /// <summary>Tensor memory that the forward pass's tape holds, in bytes.</summary>
    public long ForwardBytes => _inference.AllocatedBytes;

    /// <summary>Tensor memory that the training step's tape holds, in bytes.</summary>
    public long TrainBytes => _training.AllocatedBytes;

    /// <summary>The parameters of all layers, in order.</summary>
    public IEnumerable<Parameter> Parameters => _layers.SelectMany(layer => layer.Parameters);

    /// <summary>One forward pass without a record, the output copied out; for one step of one sequence the next step of a stream.</summary>
    public void Forward()
    {
        if (_stream is not null)
        {
            _stream.Step(_values).CopyTo(_output);
            return;
        }
        Run(new Pass(_inference)).CopyTo(_output);
        _inference.Reset();
    }

    /// <summary>A forward pass, then the gradients of every weight and of the input for a gradient of ones on every output.</summary>
    public void Train()
    {
        foreach (Layer layer in _layers)
        {
            for (int p = 0; p < layer.Parameters.Count; p++) layer.Parameters[p].ClearGradient();
        }
        _training.Watch(_input);
        Tensor output = Run(new Pass(_training, Training: true));
        output.CopyTo(_output);
        _training.Backward(output, _ones);
        _training.Reset();
    }

    private ModelStream Stream(StreamWeights weights)
    {
        var model = new Sequential();
        foreach (Layer layer in _layers) model.Add(layer);
        return model.OpenStream(new StreamOptions { Weights = weights });
    }

    private Tensor Run(Pass pass)
    {
        Tensor x = _lengths is null ? _input : _input.WithLengths(_lengths, pass);
        foreach (Layer layer in _layers) x = layer.Forward(x, pass);
        return x;
    }
}

using BenchmarkDotNet.Attributes;
using Unroll.Autograd;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.KernelBench;

/// <summary>Attention of eight sequences with four heads of 64 columns: forward 8,192 · steps² operations, half of them where it is causal.</summary>
public class AttentionBenchmarks
{
    private const int Batch = 8, Heads = 4, Width = 64;

    private readonly Tape _inference = new(recording: false), _training = new();
    private Tensor[] _inputs = [];
    private float[] _ones = [];

    /// <summary>Queries and keys of a sequence.</summary>
    [Params(32, 128, 512)]
    public int Steps { get; set; }

    /// <summary>Whether later keys are not seen.</summary>
    [Params(false, true)]
    public bool Causal { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _ones = Numbers.Array(Batch * Steps * Heads * Width);
        _inputs = [.. Enumerable.Range(0, 3).Select(_ => Tensor.FromArray(_ones, Batch, Steps, Heads * Width))];
    }

    [Benchmark]
    public void Forward()
    {
        Attend(_inference);
        _inference.Reset();
    }

    [Benchmark]
    public void ForwardAndBackward()
    {
        foreach (Tensor input in _inputs) _training.Watch(input);
        _training.Backward(Attend(_training), _ones);
        _training.Reset();
    }

    private Tensor Attend(Tape tape) => ScaledDotProductAttentionOp.Of(tape, _inputs[0], _inputs[1], _inputs[2], new AttentionSettings(Heads) { Causal = Causal });
}

using BenchmarkDotNet.Attributes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Tensors;
using Unroll.Cli.Bench;

namespace Unroll.KernelBench;

/// <summary>An LSTM written as a step of one's own beside the fused one: a training step at the size of lstm_128.</summary>
public class OwnCellBenchmarks
{
    private const int Steps = 100, Inputs = 64, Units = 128;

    private readonly Tape _tape = new();
    private Layer _fused = null!, _own = null!;
    private Tensor _input;
    private float[] _ones = null!;

    [Params(20, 64)]
    public int Batch { get; set; }

    [Params(1, 2)]
    public int ThreadCount { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Threads.Count = ThreadCount;
        _fused = new Lstm(Units, returnSequences: true);
        _own = new Rnn(new OwnLstmCell(Units), returnSequences: true);
        _input = Tensor.FromArray(Numbers.Array(Batch * Steps * Inputs), Batch, Steps, Inputs);
        _ones = new float[Batch * Steps * Units];
        _ones.AsSpan().Fill(1f);
    }

    [Benchmark(Baseline = true)]
    public void Fused() => Train(_fused);

    [Benchmark]
    public void Own() => Train(_own);

    private void Train(Layer layer)
    {
        _tape.Watch(_input);
        Tensor output = layer.Forward(_input, new Pass(_tape, Training: true));
        _tape.Backward(output, _ones);
        _tape.Reset();
    }
}

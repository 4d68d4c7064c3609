using BenchmarkDotNet.Attributes;
using Unroll.Cli.Bench;

namespace Unroll.KernelBench;

/// <summary>The sweeps of the cells over 32 rows and 50 steps; one input, so that little else is done.</summary>
public class SweepBenchmarks
{
    private BenchModel _model = null!;

    [Params("lstm", "gru", "rnn")]
    public string Cell { get; set; } = "";

    [Params(32, 128, 512)]
    public int Units { get; set; }

    [GlobalSetup]
    public void Setup() => _model = new BenchModel(new BenchShape("sweep", Cell, 32, 50, 1, Units, 1, Bidirectional: false, Ragged: false));

    [Benchmark]
    public void Forward() => _model.Forward();

    [Benchmark]
    public void ForwardAndBackward() => _model.Train();
}

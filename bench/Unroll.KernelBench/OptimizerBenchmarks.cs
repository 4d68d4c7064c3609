using BenchmarkDotNet.Attributes;
using Unroll.Basics;
using Unroll.Optimizers;
using Unroll.Tensors;

namespace Unroll.KernelBench;

/// <summary>A step over one parameter of a million numbers, and the clipping before it.</summary>
public unsafe class OptimizerBenchmarks
{
    private readonly Parameter[] _parameters = [new Parameter("weights", new Shape(1024, 1024))];
    private readonly Adam _adam = new(1e-3f);
    private readonly Sgd _sgd = new(1e-3f);

    [GlobalSetup]
    public void Setup() => _parameters[0].GradientSpan.Fill(1e-3f);

    [Benchmark]
    public void AdamStep() => _adam.Step(_parameters);

    [Benchmark]
    public void SgdStep() => _sgd.Step(_parameters);

    [Benchmark]
    public float ClipByGlobalNorm() => GradientClipping.ByGlobalNorm(_parameters, float.PositiveInfinity);
}

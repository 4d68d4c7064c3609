using BenchmarkDotNet.Attributes;
using Unroll.Kernels.Activations;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Simd;
using Unroll.Tensors;

namespace Unroll.KernelBench;

/// <summary>Functions of one number over an array that stays in the nearest cache.</summary>
public unsafe class ElementwiseBenchmarks
{
    private const int Length = 2048;

    private readonly NativeBlock _x = Numbers.Block(Length), _y = Numbers.Block(Length);

    [Benchmark]
    public void Sigmoid() => Run<SigmoidKernel>();

    [Benchmark]
    public void Tanh() => Run<TanhKernel>();

    [Benchmark]
    public void Relu() => Run<ReluKernel>();

    [Benchmark]
    public void Gelu() => Run<GeluKernel>();

    [Benchmark(Baseline = true)]
    public void Add() => Map.Run(new AddMap(), _x.Pointer, _y.Pointer, _y.Pointer, Length);

    private void Run<TKernel>() where TKernel : struct, IActivationKernel => Map.Run(new ActivationMap<TKernel>(), _x.Pointer, _y.Pointer, Length);
}

using BenchmarkDotNet.Attributes;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Tensors;

namespace Unroll.KernelBench;

/// <summary>The product tile over 48 rows and one LSTM panel of 64 columns: 6,144 · K operations a call.</summary>
public unsafe class ProductBenchmarks
{
    private const int Rows = 48, Units = 16, Gates = 4;

    private readonly PanelLayout[] _layout = new PanelLayout[1];
    private NativeBlock _inputs = null!, _weights = null!, _outputs = null!;

    /// <summary>The reduction's length.</summary>
    [Params(32, 64, 128, 256, 650, 1024)]
    public int K { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _layout[0] = new PanelLayout(K, Gates, Units);
        _inputs = Numbers.Block(Rows * K);
        _weights = Numbers.Block(_layout[0].StorageLength);
        _outputs = Numbers.Block(Rows * Gates * Units);
    }

    [Benchmark(OperationsPerInvoke = 100)]
    public void Tile()
    {
        var arguments = new PanelProduct.Arguments
        {
            Source = ProductSource.RowMajor(_inputs.Pointer, K, K),
            Rows = Rows,
            Layout = _layout[0],
            Weights = _weights.Pointer,
            Target = new ProductTarget { Values = _outputs.Pointer, RowStride = Gates * Units },
        };
        for (int i = 0; i < 100; i++) PanelProduct.Run(in arguments);
    }

    /// <summary>dW += inputs' · outputs, over as many rows as K.</summary>
    [Benchmark]
    public void WeightGradients()
    {
        var layout = new PanelLayout(Rows, Gates, Units);
        WeightGradient.Run(new WeightGradient.Arguments
        {
            Inputs = WeightGradient.RowPointers(_inputs.Pointer, Rows, K),
            Rows = K,
            Outputs = _weights.Pointer,
            RowStride = Gates * Units,
            Layout = layout,
            Weights = _outputs.Pointer,
        });
    }
}

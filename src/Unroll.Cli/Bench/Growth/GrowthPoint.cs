namespace Unroll.Cli.Bench.Growth;

/// <summary>What a model of one size costs.</summary>
/// <param name="Shape">The model.</param>
/// <param name="ForwardMilliseconds">Median of a forward pass.</param>
/// <param name="TrainMilliseconds">Median of a forward and backward pass.</param>
/// <param name="ForwardBytes">Tensor memory of the tape that a forward pass runs on.</param>
/// <param name="TrainBytes">Tensor memory of the tape that a training step runs on.</param>
/// <param name="RecomputeMilliseconds">As <paramref name="TrainMilliseconds"/>, with gradient checkpointing.</param>
/// <param name="RecomputeBytes">As <paramref name="TrainBytes"/>, with gradient checkpointing.</param>
internal sealed record GrowthPoint(
    BenchShape Shape, double ForwardMilliseconds, double TrainMilliseconds, long ForwardBytes, long TrainBytes, double RecomputeMilliseconds, long RecomputeBytes)
{
    /// <summary>Measures a model, each kind of pass for about that many seconds.</summary>
    public static GrowthPoint Measure(BenchShape shape, double seconds, CancellationToken cancel)
    {
        var model = new BenchModel(shape);
        double forward = BenchTimer.Measure(model.Forward, seconds, cancel).Milliseconds;
        double train = BenchTimer.Measure(model.Train, seconds, cancel).Milliseconds;
        var recomputing = new BenchModel(shape, checkpointing: true);
        double recompute = BenchTimer.Measure(recomputing.Train, seconds, cancel).Milliseconds;
        return new GrowthPoint(shape, forward, train, model.ForwardBytes, model.TrainBytes, recompute, recomputing.TrainBytes);
    }

    /// <summary>The power of the size with which a cost grew from one point to the next: 1 where it is linear, 2 where it is quadratic.</summary>
    public static double Exponent(double before, double after, double sizeBefore, double sizeAfter) =>
        Math.Log(after / before) / Math.Log(sizeAfter / sizeBefore);
}

using Unroll.Basics;
using Unroll.Losses;
using Unroll.Tensors;

namespace Unroll.Bench.LongRange;

/// <summary>
/// The adding problem (Hochreiter and Schmidhuber 1997, experiment 4, in the form of Le et al. 2015): at each of T steps a number in
/// [0, 1) and a mark; the answer is the sum of the two numbers that are marked, one in each half. Answering 1 always has a mean
/// squared error of 0.167.
/// </summary>
internal sealed class AddingProblem(int steps) : LongRangeTask
{
    public override string Name => $"adding-{steps}";

    public override double Baseline => 1.0 / 6;

    public override double Solved => 0.01;

    public override int Lag => steps;

    public override int Inputs => 2;

    public override int Outputs => 1;

    public override Loss Loss => Loss.MeanSquaredError();

    public override (Tensor Inputs, Tensor Targets) Draw(int count, RandomStream draws)
    {
        RandomStream places = draws.Fork("places");
        float[] x = new float[count * steps * 2], y = new float[count];
        for (int n = 0; n < count; n++)
        {
            for (int t = 0; t < steps; t++) x[(n * steps + t) * 2] = draws.Uniform(n * steps + t);
            int half = steps / 2, first = places.Below(half, 2 * n), second = half + places.Below(steps - half, 2 * n + 1);
            foreach (int t in new[] { first, second })
            {
                x[(n * steps + t) * 2 + 1] = 1;
                y[n] += x[(n * steps + t) * 2];
            }
        }
        return (Tensor.FromArray(x, count, steps, 2), Tensor.FromArray(y, count, 1));
    }
}

using Unroll.Basics;
using Unroll.Losses;
using Unroll.Tensors;

namespace Unroll.Bench.LongRange;

/// <summary>
/// Temporal order (Hochreiter and Schmidhuber 1997, experiment 6a): 100 to 110 steps of the letters a to d, begun by E and ended by B;
/// between steps 10 and 20 and between 50 and 60 stands an X or a Y. The answer is which of the four orders it was.
/// </summary>
internal sealed class TemporalOrder : LongRangeTask
{
    private const int Longest = 110, Noise = 4, X = 4, Begin = 6, End = 7;

    public override string Name => "order";

    public override double Baseline => Math.Log(4);

    public override double Solved => 0.02;

    public override int Lag => Longest;

    public override int Inputs => 8;

    public override int Outputs => 4;

    public override Loss Loss => Loss.SparseCategoricalCrossEntropy();

    public override (Tensor Inputs, Tensor Targets) Draw(int count, RandomStream draws)
    {
        RandomStream places = draws.Fork("places");
        float[] x = new float[count * Longest * Inputs], y = new float[count];
        int[] lengths = new int[count];
        for (int n = 0; n < count; n++)
        {
            int length = lengths[n] = 100 + places.Below(11, 5 * n), first = 10 + places.Below(11, 5 * n + 1), second = 50 + places.Below(11, 5 * n + 2);
            int one = places.Below(2, 5 * n + 3), other = places.Below(2, 5 * n + 4);
            for (int t = 0; t < length; t++)
            {
                int letter = t == 0 ? Begin : t == length - 1 ? End : t == first ? X + one : t == second ? X + other : draws.Below(Noise, n * Longest + t);
                x[(n * Longest + t) * Inputs + letter] = 1;
            }
            y[n] = 2 * one + other;
        }
        return (Tensor.FromArray(x, count, Longest, Inputs).WithLengths(lengths), Tensor.FromArray(y, count));
    }
}

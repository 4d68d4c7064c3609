using Unroll.Basics;
using Unroll.Losses;
using Unroll.Tensors;

namespace Unroll.Bench.LongRange;

/// <summary>
/// Copy memory (Hochreiter and Schmidhuber 1997; in the form of Arjovsky et al. 2016): ten letters out of eight, T blanks, a sign, nine
/// blanks; the answer is blank until the sign and then the ten letters. Who remembers nothing has a cross-entropy of 10 ln 8 / (T + 20).
/// </summary>
internal sealed class CopyMemory(int delay) : LongRangeTask
{
    private const int Letters = 8, Copied = 10, Blank = Letters, Sign = Letters + 1;

    public override string Name => $"copy-{delay}";

    public override double Baseline => Copied * Math.Log(Letters) / (delay + 2 * Copied);

    /// <summary>A twentieth of the baseline: most letters are known.</summary>
    public override double Solved => Baseline / 20;

    public override int Lag => delay + Copied;

    public override int Inputs => Letters + 2;

    public override int Outputs => Letters + 1;

    public override bool EveryStep => true;

    public override Loss Loss => Loss.SparseCategoricalCrossEntropy();

    public override (Tensor Inputs, Tensor Targets) Draw(int count, RandomStream draws)
    {
        int steps = delay + 2 * Copied;
        float[] x = new float[count * steps * Inputs], y = new float[count * steps];
        Array.Fill(y, Blank);
        for (int n = 0; n < count; n++)
        {
            for (int t = 0; t < steps; t++)
            {
                int letter = t < Copied ? draws.Below(Letters, n * Copied + t) : t == delay + Copied - 1 ? Sign : Blank;
                x[(n * steps + t) * Inputs + letter] = 1;
                if (t < Copied) y[n * steps + delay + Copied + t] = letter;
            }
        }
        return (Tensor.FromArray(x, count, steps, Inputs), Tensor.FromArray(y, count, steps));
    }
}

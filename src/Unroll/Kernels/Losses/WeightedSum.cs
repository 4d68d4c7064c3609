namespace Unroll.Kernels.Losses;

/// <summary>Σ w_i · v_i in double, in an order that depends on the count alone.</summary>
internal static unsafe class WeightedSum
{
    /// <summary>Weights may be null, for ones; where a weight is 0 the value counts nowhere, were it infinite.</summary>
    public static double Of(float* values, float* weights, int count)
    {
        double sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
        int i = 0;
        if (weights is null)
        {
            for (; i <= count - 4; i += 4)
            {
                sum0 += values[i];
                sum1 += values[i + 1];
                sum2 += values[i + 2];
                sum3 += values[i + 3];
            }
            for (; i < count; i++) sum0 += values[i];
        }
        else
        {
            for (; i < count; i++)
                if (weights[i] != 0f) sum0 += (double)weights[i] * values[i];
        }
        return sum0 + sum1 + (sum2 + sum3);
    }

    /// <summary>Σ w_i in double.</summary>
    public static double OfWeights(float* weights, int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i++) sum += weights[i];
        return sum;
    }
}

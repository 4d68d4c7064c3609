using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Mixtures;

/// <summary>
/// A mixture of K normal densities of D independent numbers (Bishop 1994, equations 22 to 29), from one row of a
/// network's outputs: K logits of the weights π = softmax, then K·D means μ, then K·D raw scales r, component after
/// component, with the scale s = softplus(r) + 0.001 as in the Gaussian loss.
/// </summary>
/// <remarks>
/// l = −log Σ_k π_k Π_d N(y_d; μ_kd, s_kd²), the largest logarithm taken out first. With ρ_k the share of component k in
/// that sum and z = (y − μ)/s: dl/dlogit_k = π_k − ρ_k, dl/dμ = −ρ_k z/s, dl/dr = ρ_k (1 − z²)/s · σ(r). A row is summed
/// in order, one number at a time: the same bits at every width.
/// </remarks>
internal readonly unsafe struct GaussianMixture(int components, int targets)
{
    /// <summary>The smallest scale; its square is the smallest variance, PyTorch's 10⁻⁶.</summary>
    public const float SmallestScale = 1e-3f;

    public const float HalfLogTwoPi = 0.918938533f;

    /// <summary>K.</summary>
    public int Components => components;

    /// <summary>D.</summary>
    public int Targets => targets;

    /// <summary>Numbers of a row: K(1 + 2D).</summary>
    public int Outputs => components * (1 + 2 * targets);

    /// <summary>Where the mean of a component's target is in the row; its raw scale is K·D further on.</summary>
    public int MeanIndex(int component, int target) => components + component * targets + target;

    /// <summary>The scale of a component's target.</summary>
    public float Scale(float* row, int component, int target) =>
        SoftplusFunction.Of<SimdScalar, float>(row[MeanIndex(component, target) + components * targets]) + SmallestScale;

    /// <summary>Sets the components' weights π.</summary>
    public void Weights(float* row, float* weights)
    {
        float log = LogTotal(row);
        for (int k = 0; k < components; k++) weights[k] = ExpFunction.Of<SimdScalar, float>(row[k] - log);
    }

    /// <summary>l of one row.</summary>
    /// <param name="row">[K(1 + 2D)].</param>
    /// <param name="y">[D].</param>
    /// <param name="logs">Room for K floats.</param>
    /// <param name="gradient">[K(1 + 2D)], set to dl/d(row); or null.</param>
    public float Loss(float* row, float* y, float* logs, float* gradient)
    {
        float logTotal = LogTotal(row);
        for (int k = 0; k < components; k++)
        {
            float log = row[k] - logTotal;
            for (int d = 0; d < targets; d++)
            {
                float scale = Scale(row, k, d), z = (y[d] - row[MeanIndex(k, d)]) / scale;
                log -= HalfLogTwoPi + LogFunction.Of<SimdScalar, float>(scale) + 0.5f * z * z;
            }
            logs[k] = log;
        }
        float likelihood = LogTotal(logs);
        for (int k = 0; gradient is not null && k < components; k++)
        {
            float share = ExpFunction.Of<SimdScalar, float>(logs[k] - likelihood);
            gradient[k] = ExpFunction.Of<SimdScalar, float>(row[k] - logTotal) - share;
            for (int d = 0; d < targets; d++)
            {
                int mean = MeanIndex(k, d), raw = mean + components * targets;
                float scale = Scale(row, k, d), z = (y[d] - row[mean]) / scale;
                gradient[mean] = -share * z / scale;
                gradient[raw] = share * (1f - z * z) / scale * SigmoidFunction.Of<SimdScalar, float>(row[raw]);
            }
        }
        return -likelihood;
    }

    /// <summary>log Σ e^x over K numbers.</summary>
    private float LogTotal(float* x)
    {
        float largest = float.NegativeInfinity, sum = 0f;
        for (int k = 0; k < components; k++) largest = x[k] > largest ? x[k] : largest;
        if (float.IsNegativeInfinity(largest)) largest = 0f;
        for (int k = 0; k < components; k++) sum += ExpFunction.Of<SimdScalar, float>(x[k] - largest);
        return largest + LogFunction.Of<SimdScalar, float>(sum);
    }
}

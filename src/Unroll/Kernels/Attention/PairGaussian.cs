using Unroll.Kernels.Elementary;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Attention;

/// <summary>
/// Weights times a bell around each window's centre: y_ij = w_ij e^(−(j − p_i)² / 2σ²), zeros outside the window, which is narrow:
/// key after key.
/// </summary>
internal readonly unsafe struct PairGaussian : IAttentionPass
{
    /// <summary>Sets <see cref="AttentionArguments.Output"/> from the matrix; <see cref="AttentionArguments.Scale"/> is 1 / σ².</summary>
    public static void Run(in AttentionArguments arguments) => AttentionTeam<PairGaussian>.Run(in arguments, arguments.OperationsOfRows);

    public static void Pair<TSimd, TVector>(in AttentionArguments a, in AttentionPair pair)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        for (int query = 0; query < pair.Queries; query++)
        {
            (int first, int end) = a.Window(in pair, query);
            nint at = a.Matrix.At(pair.Place, query, 0);
            float* weights = a.Matrix.Values + at, results = a.Output.Gradient + at;
            float centre = a.Centre(in pair, query);
            new Span<float>(results, a.Matrix.Width).Clear();
            for (int key = first; key < end; key++) results[key] = weights[key] * Bell(key - centre, a.Scale);
        }
    }

    private static float Bell(float distance, float inverse) => ExpFunction.Of<SimdScalar, float>(-0.5f * inverse * distance * distance);

    /// <summary>dw_ij += dy_ij y_ij / w_ij, dp_i += Σ_j dy_ij y_ij (j − p_i) / σ²; dy in <see cref="AttentionArguments.Output"/>.</summary>
    internal readonly struct Slope : IAttentionPass
    {
        public static void Run(in AttentionArguments arguments) => AttentionTeam<Slope>.Run(in arguments, arguments.OperationsOfRows);

        public static void Pair<TSimd, TVector>(in AttentionArguments a, in AttentionPair pair)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            for (int query = 0; query < pair.Queries; query++)
            {
                (int first, int end) = a.Window(in pair, query);
                nint at = a.Matrix.At(pair.Place, query, 0);
                float* weights = a.Matrix.Values + at, slopes = a.Output.Values + at;
                float centre = a.Centre(in pair, query), ofCentre = 0;
                for (int key = first; key < end; key++)
                {
                    float slope = slopes[key] * Bell(key - centre, a.Scale);
                    if (a.Matrix.Gradient != null) a.Matrix.Gradient[at + key] += slope;
                    ofCentre += slope * weights[key] * (key - centre) * a.Scale;
                }
                if (a.CentreGradients != null) a.CentreGradients[a.Queries.Rows.Row(pair.Place, query)] += ofCentre;
            }
        }
    }
}

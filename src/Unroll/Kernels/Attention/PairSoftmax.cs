using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Reductions;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Attention;

/// <summary>The softmax of each query's scores over the keys that it sees, zeros elsewhere. A query that sees none has zeros alone.</summary>
internal readonly unsafe struct PairSoftmax : IAttentionPass
{
    /// <summary>Sets the matrix from the scores in its <see cref="AttentionSide.Values"/>.</summary>
    public static void Run(in AttentionArguments arguments) => AttentionTeam<PairSoftmax>.Run(in arguments, arguments.OperationsOfRows);

    public static void Pair<TSimd, TVector>(in AttentionArguments a, in AttentionPair pair)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* line = Workspace.Floats(Workspace.Slot.Attention, PanelLayout.PadToGroup(pair.Keys));
        for (int query = 0; query < pair.Queries; query++)
        {
            nint at = a.Matrix.At(pair.Place, query, pair.Head);
            (int first, int end) = a.Window(in pair, query);
            float* weights = a.Matrix.Gradient + at;
            new Span<float>(weights, first).Clear();
            new Span<float>(weights + end, a.Matrix.Width - end).Clear();
            if (first == end) continue;
            AttentionBlocks.PackRow<TSimd, TVector>(a.Matrix.Values + at + first, end - first, 1f, line, PanelLayout.GroupSize);
            float largest = AttentionRows.Largest<TSimd, TVector>(line, end - first, float.NegativeInfinity);
            float sum = AttentionRows.Exponentials<TSimd, TVector>(line, end - first, largest);
            AttentionBlocks.PutRow<TSimd, TVector>(line, end - first, 1f / sum, weights + first, isFirst: true);
        }
    }

    /// <summary>ds_ij += p_ij (dp_ij − Σ_j dp_ij p_ij), with p in <see cref="AttentionArguments.Matrix"/> and dp in <see cref="AttentionArguments.Output"/>.</summary>
    internal readonly struct Slope : IAttentionPass
    {
        public static void Run(in AttentionArguments arguments) => AttentionTeam<Slope>.Run(in arguments, arguments.OperationsOfRows);

        public static void Pair<TSimd, TVector>(in AttentionArguments a, in AttentionPair pair)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            for (int query = 0; query < pair.Queries; query++)
            {
                (int first, int end) = a.Window(in pair, query);
                nint at = a.Matrix.At(pair.Place, query, pair.Head) + first;
                float projection = RowSum.Of<TSimd, TVector, MultiplyMap>(default, a.Matrix.Values + at, a.Output.Values + at, end - first);
                Map.Run(new WeightGradientMap(projection), a.Matrix.Values + at, a.Output.Values + at, a.Matrix.Gradient + at, a.Matrix.Gradient + at, end - first);
            }
        }
    }

    private readonly struct WeightGradientMap(float projection) : IMap3
    {
        private readonly float _projection = projection;

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
        public TVector Of<TSimd, TVector>(TVector weight, TVector gradient, TVector sum) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
            TSimd.MultiplyAdd(weight, TSimd.Subtract(gradient, TSimd.Broadcast(_projection)), sum);
    }
}

using Unroll.Basics;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Attention;

/// <summary>
/// The target in <see cref="AttentionArguments.Output"/> is, or has added, each number of the matrix times its keep mask; the same draws as in
/// <see cref="AttentionForward"/>.
/// </summary>
internal readonly unsafe struct PairDropout : IAttentionPass
{
    private const double OperationsOfDraw = 4;

    public static void Run(in AttentionArguments arguments) =>
        AttentionTeam<PairDropout>.Run(in arguments, OperationsOfDraw * arguments.OperationsOfRows);

    public static void Pair<TSimd, TVector>(in AttentionArguments a, in AttentionPair pair)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int width = a.Matrix.Width;
        float* mask = Workspace.Floats(Workspace.Slot.Attention, width);
        RandomStream draws = AttentionDraws.Of(in a.Stream, pair.Sequence, pair.Head);
        for (int query = 0; query < pair.Queries; query++)
        {
            AttentionDraws.Keep(in draws, a.FirstQuery + query, 0, a.DropRate, new Span<float>(mask, width));
            nint at = a.Matrix.At(pair.Place, query, pair.Head);
            float* from = a.Matrix.Values + at, to = a.Output.Gradient + at;
            if (a.Output.IsFirst) Map.Run(new MultiplyMap(), mask, from, to, width);
            else Map.Run(new MultiplyAddMap(), mask, from, to, to, width);
        }
    }
}

using System.Runtime.CompilerServices;
using Unroll.Autograd;
using Unroll.Kernels.Sequences;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// Rotary positions (Su et al. 2021, arXiv 2104.09864, equation 34): of each head's d columns, i and i + d / 2 are turned as a point of the plane by
/// t · base^(−2i / d) at place t, so that q · k depends on the distance of places alone. Backward turns dy back.
/// </summary>
/// <remarks>The paper pairs columns 2i and 2i + 1: the same but for the order of the columns.</remarks>
internal static unsafe class RotaryOp
{
    private const double OperationsOfElement = 8;

    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">[B, T, heads · d], d even.</param>
    /// <param name="heads">How many.</param>
    /// <param name="table">Of d features, cosines in front of sines.</param>
    /// <param name="first">The place of each sequence's first step.</param>
    public static Tensor Of(Tape tape, Tensor x, int heads, SinusoidTable table, int first)
    {
        Tensor y = tape.NewLike(x);
        int* positions = (int*)tape.Scratch(x.Rows);
        int largest = RowPositions.Fill(x.Layout, x.Rows, x.Shape[1], first, positions);
        var arguments = new Arguments
        {
            From = tape.Read(x),
            To = tape.Read(y),
            Table = table.Rows(largest + 1),
            Positions = positions,
            Features = x.Features,
            Half = x.Features / heads / 2,
            Sign = 1,
        };
        Run(in arguments, x.Rows);
        GC.KeepAlive(table);
        if (tape.Needs(x))
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y, node.Arguments, node.Table) = (x, y, arguments, table);
        }
        return y;
    }

    private static void Run(in Arguments arguments, int rows) =>
        TeamKernel.Run<Kernel, Arguments>(in arguments, rows, 1, OperationsOfElement * rows * arguments.Features);

    private struct Arguments
    {
        public float* From, To, Table;
        public int* Positions;
        public int Features, Half;

        /// <summary>−1 to turn back.</summary>
        public float Sign;

        public bool Accumulate;
    }

    private readonly struct Kernel : ISimdKernel<Share<Arguments>>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Share<Arguments> share) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            Arguments a = share.Arguments;
            for (int row = share.First; row < share.End; row++)
            {
                float* cosines = a.Table + (nint)a.Positions[row] * 2 * a.Half, sines = cosines + a.Half;
                for (int column = 0; column < a.Features; column += 2 * a.Half)
                {
                    float* from = a.From + (nint)row * a.Features + column, to = a.To + (nint)row * a.Features + column;
                    int i = 0;
                    for (; i <= a.Half - TSimd.Lanes; i += TSimd.Lanes) Turn<TSimd, TVector>(in a, from + i, to + i, cosines + i, sines + i);
                    for (; i < a.Half; i++) Turn<SimdScalar, float>(in a, from + i, to + i, cosines + i, sines + i);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Turn<TSimd, TVector>(in Arguments a, float* from, float* to, float* cosines, float* sines)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TVector cosine = TSimd.Load(cosines), sine = TSimd.Multiply(TSimd.Load(sines), TSimd.Broadcast(a.Sign));
            TVector first = TSimd.Load(from), second = TSimd.Load(from + a.Half);
            TVector one = TSimd.Subtract(TSimd.Multiply(first, cosine), TSimd.Multiply(second, sine));
            TVector other = TSimd.MultiplyAdd(second, cosine, TSimd.Multiply(first, sine));
            if (a.Accumulate)
            {
                one = TSimd.Add(one, TSimd.Load(to));
                other = TSimd.Add(other, TSimd.Load(to + a.Half));
            }
            TSimd.Store(one, to);
            TSimd.Store(other, to + a.Half);
        }
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public Arguments Arguments;
        public SinusoidTable? Table; // whose rows the arguments point to

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            Arguments.From = tape.Gradient(Y);
            Arguments.To = tape.Gradient(X, out bool isFirst);
            (Arguments.Sign, Arguments.Accumulate) = (-1, !isFirst);
            Run(in Arguments, X.Rows);
        }

        public override void Clear()
        {
            X = Y = default;
            Arguments = default;
            Table = null;
        }
    }
}

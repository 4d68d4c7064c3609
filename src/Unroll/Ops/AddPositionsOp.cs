using Unroll.Autograd;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Sequences;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// y_t = x_t + p_t: to each step of a sequence the row of its place in a table [P, F], fixed (Vaswani et al. 2017, arXiv 1706.03762, section 3.5)
/// or trained (Gehring et al. 2017, arXiv 1705.03122). dx_t += dy_t; dp_t += dy_t of every sequence.
/// </summary>
internal static unsafe class AddPositionsOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">[B, T, F].</param>
    /// <param name="table">Of F features.</param>
    /// <param name="first">The place of each sequence's first step.</param>
    public static Tensor Of(Tape tape, Tensor x, SinusoidTable table, int first)
    {
        int* positions = Positions(tape, x, first, out int largest);
        Tensor y = Added(tape, x, positions, table.Rows(largest + 1), null);
        GC.KeepAlive(table);
        return y;
    }

    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">[B, T, F].</param>
    /// <param name="table">[P, F], row-major.</param>
    /// <param name="first">The place of each sequence's first step.</param>
    /// <exception cref="ArgumentException">A step beyond the table.</exception>
    public static Tensor Of(Tape tape, Tensor x, Parameter table, int first)
    {
        int* positions = Positions(tape, x, first, out int largest);
        if (largest >= table.Shape[0])
            throw new ArgumentException($"Trained positions '{table.Name}' {table.Shape}: expected at most {table.Shape[0]} steps, received {largest + 1}. Give shorter sequences, or train with a larger maximumLength.", nameof(x));
        return Added(tape, x, positions, tape.Read(table), table);
    }

    private static int* Positions(Tape tape, Tensor x, int first, out int largest)
    {
        int* positions = (int*)tape.Scratch(x.Rows);
        largest = RowPositions.Fill(x.Layout, x.Rows, x.Shape[1], first, positions);
        return positions;
    }

    private static Tensor Added(Tape tape, Tensor x, int* positions, float* rows, Parameter? table)
    {
        Tensor y = tape.New(x.Shape, x.Layout, tape.Needs(x) || tape.Needs(table));
        var arguments = new Arguments { X = tape.Read(x), Y = tape.Read(y), Table = rows, Positions = positions, Rows = x.Rows, Features = x.Features };
        TeamKernel.Run<Sums, Arguments>(in arguments, x.Rows, 1, TeamKernel.OperationsOfElement * x.StoredLength);
        if (y.Buffer.NeedsGradient)
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y, node.Table) = (x, y, table);
            node.Positions = positions;
        }
        return y;
    }

    private struct Arguments
    {
        public float* X, Y, Table;
        public int* Positions;
        public int Rows, Features;
    }

    private readonly struct Sums : ISimdKernel<Share<Arguments>>
    {
        public static void Run<TSimd, TVector>(in Share<Arguments> share) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            Arguments a = share.Arguments;
            for (int row = share.First; row < share.End; row++)
            {
                nint at = (nint)row * a.Features;
                Map.Run(new AddMap(), a.X + at, a.Table + (nint)a.Positions[row] * a.Features, a.Y + at, a.Features);
            }
        }
    }

    /// <summary>Rows in their order into the table, each thread its own columns.</summary>
    private readonly struct TableGradient : ISimdKernel<Share<Arguments>>
    {
        public static void Run<TSimd, TVector>(in Share<Arguments> share) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            Arguments a = share.Arguments;
            for (int row = 0; row < a.Rows; row++)
                RowCopy.Add(a.Y + (nint)row * a.Features + share.First, a.Table + (nint)a.Positions[row] * a.Features + share.First, share.End - share.First);
        }
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public Parameter? Table;
        public int* Positions;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* dy = tape.Gradient(Y), dx = tape.Gradient(X, out bool isFirst), ofTable = Table is null ? null : Tape.Gradient(Table);
            if (isFirst) RowCopy.Copy(dy, dx, X.StoredLength);
            else if (dx != null) RowCopy.Add(dy, dx, X.StoredLength);
            if (ofTable == null) return;
            var arguments = new Arguments { Y = dy, Table = ofTable, Positions = Positions, Rows = X.Rows, Features = X.Features };
            TeamKernel.Run<TableGradient, Arguments>(in arguments, X.Features, PanelLayout.GroupSize, TeamKernel.OperationsOfElement * X.StoredLength);
        }

        public override void Clear()
        {
            X = Y = default;
            Table = null;
            Positions = null;
        }
    }
}

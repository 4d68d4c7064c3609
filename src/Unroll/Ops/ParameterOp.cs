using Unroll.Autograd;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// A parameter as a row-major tensor, copied out of its panels, so that composed cells can use it like any other; the
/// tensor's gradient is added to the parameter's.
/// </summary>
internal static unsafe class ParameterOp
{
    public static Tensor Of(Tape tape, Parameter parameter)
    {
        Tensor y = tape.New(parameter.Shape, null, tape.Needs(parameter));
        Move(parameter, tape.Read(parameter), tape.Read(y), gradient: false);
        if (tape.Needs(parameter))
        {
            Node node = tape.Record<Node>();
            (node.Source, node.Y) = (parameter, y);
        }
        return y;
    }

    /// <summary>Stored to row-major, or with <paramref name="gradient"/> row-major added to stored.</summary>
    private static void Move(Parameter parameter, float* stored, float* rowMajor, bool gradient)
    {
        if (parameter.Panels is not { } panels)
        {
            MoveRun(stored, rowMajor, parameter.Count, gradient);
            return;
        }
        for (int panel = 0; panel < panels.PanelCount; panel++)
        {
            float* run = stored + panels.PanelOffset(panel);
            for (int group = 0; group < panels.GroupsIn(panel); group++)
                for (int row = 0; row < panels.Rows; row++, run += PanelLayout.GroupSize)
                    MoveRun(run, rowMajor + (nint)row * panels.Columns + panels.ColumnOf(panel, group), panels.ValidIn(panel, group), gradient);
        }
    }

    private static void MoveRun(float* stored, float* rowMajor, int count, bool gradient)
    {
        if (gradient) RowCopy.Add(rowMajor, stored, count);
        else RowCopy.Copy(stored, rowMajor, count);
    }

    private sealed class Node : Autograd.Node
    {
        public Parameter Source = null!;
        public Tensor Y;

        public override void Backward(Tape tape)
        {
            float* target = Tape.Gradient(Source);
            if (target != null && Tape.HasGradient(Y)) Move(Source, target, tape.Gradient(Y), gradient: true);
        }

        public override void Clear()
        {
            Source = null!;
            Y = default;
        }
    }
}

using Unroll.Autograd;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// y = x · W + b over the last axis. Backward: dx += dy · Wᵀ, dW += xᵀ · dy, db += the column sums of dy.
/// </summary>
internal static unsafe class LinearOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">[…, K].</param>
    /// <param name="kernel">[K, M], in panels.</param>
    /// <param name="bias">[M], in the panels of one row, or null.</param>
    /// <returns>[…, M].</returns>
    public static Tensor Of(Tape tape, Tensor x, Parameter kernel, Parameter? bias)
    {
        PanelLayout layout = kernel.Panels!;
        if (x.Features != layout.Rows)
            throw new ArgumentException($"A linear map '{kernel.Name}' {kernel.Shape} needs {layout.Rows} features; received {x.Shape}.", nameof(x));
        Tensor y = tape.New(x.Shape.With(-1, layout.Columns), x.Layout, tape.Needs(x) || tape.Needs(kernel) || tape.Needs(bias));
        var arguments = new PanelProduct.Arguments
        {
            Source = ProductSource.RowMajor(tape.Read(x), layout.Rows, layout.Rows),
            Rows = x.Rows,
            Layout = layout,
            Weights = tape.Read(kernel),
            Bias = bias is null ? null : tape.Read(bias),
            Target = new ProductTarget { Values = tape.Read(y), RowStride = layout.Columns },
        };
        PanelProduct.Run(in arguments);
        if (y.Buffer.NeedsGradient)
        {
            LinearNode node = tape.Record<LinearNode>();
            (node.X, node.Y, node.Kernel, node.Bias) = (x, y, kernel, bias);
        }
        return y;
    }

    private sealed class LinearNode : Node
    {
        public Tensor X, Y;
        public Parameter? Kernel, Bias;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            PanelLayout layout = Kernel!.Panels!;
            float* dy = tape.Gradient(Y);
            WeightGradients(tape, layout, dy);
            float* dx = tape.Gradient(X, out bool isFirst);
            if (dx != null) InputGradient(layout, dy, dx, isFirst);
        }

        public override void Clear() => (X, Y, Kernel, Bias) = (default, default, null, null);

        private void WeightGradients(Tape tape, PanelLayout layout, float* dy)
        {
            float* kernel = Tape.Gradient(Kernel!), bias = Bias is null ? null : Tape.Gradient(Bias);
            if (kernel == null && bias == null) return;
            var arguments = new WeightGradient.Arguments
            {
                Inputs = WeightGradient.RowPointers(tape.Read(X), layout.Rows, X.Rows),
                Rows = X.Rows,
                Outputs = dy,
                RowStride = layout.Columns,
                Layout = layout,
                Weights = kernel,
                Bias = bias,
            };
            WeightGradient.Run(in arguments);
        }

        private void InputGradient(PanelLayout layout, float* dy, float* dx, bool isFirst)
        {
            var arguments = new PanelProduct.Arguments
            {
                Source = ProductSource.RowMajor(dy, layout.Columns, layout.Columns),
                Rows = X.Rows,
                Layout = Kernel!.TransposedPanels!,
                Weights = Kernel.Transposed(),
                Target = new ProductTarget { Values = dx, RowStride = layout.Rows, Accumulate = !isFirst },
            };
            if (layout.Gates == 1)
            {
                PanelProduct.Run(in arguments);
                return;
            }
            // The transposed weights follow the panels' order of columns, so dy goes in panel by panel.
            int width = layout.GroupsPerPanel * PanelLayout.GroupSize;
            float* packed = Workspace.Floats(Workspace.Slot.RightPanel, (long)X.Rows * width);
            for (int panel = 0; panel < layout.PanelCount; panel++)
            {
                PanelColumns.Pack(layout, panel, dy, layout.Columns, X.Rows, packed, width);
                arguments.Source = ProductSource.RowMajor(packed, width, width);
                arguments.FirstReduction = panel * width;
                arguments.Target.Accumulate |= panel > 0;
                PanelProduct.Run(in arguments);
            }
        }
    }
}

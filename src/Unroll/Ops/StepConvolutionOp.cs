using Unroll.Autograd;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Products;
using Unroll.Kernels.Sequences;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// A convolution over time, centred, with zeros beyond both ends of each sequence:
/// y[t, o] = Σ_k Σ_c x[t + k − ⌊K/2⌋, c] w[k, c, o]. dx[t + k − ⌊K/2⌋, c] += Σ_o dy[t, o] w[k, c, o],
/// dw[k, c, o] += Σ_t x[t + k − ⌊K/2⌋, c] dy[t, o].
/// </summary>
/// <remarks>The K steps that an output sees lie together, so that it is one row of a product with the kernel as a matrix [K · C, O].</remarks>
internal static unsafe class StepConvolutionOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="x">[B, T, C], with lengths or without.</param>
    /// <param name="kernel">[K, C, O], in panels of [K · C, O].</param>
    /// <returns>[B, T, O], with the input's lengths.</returns>
    /// <exception cref="ArgumentException">Another number of axes or features.</exception>
    public static Tensor Of(Tape tape, Tensor x, Parameter kernel)
    {
        if (x.Shape.Rank != 3 || kernel.Shape.Rank != 3 || x.Features != kernel.Shape[1])
            throw new ArgumentException($"StepConvolution: expected [B, T, C] and a kernel [K, C, O], received {x.Shape} and {kernel.Shape}.");
        PanelLayout layout = kernel.Panels!;
        Tensor y = tape.New(x.Shape.With(2, layout.Columns), x.Layout, tape.Needs(x) || tape.Needs(kernel));
        var rows = new SequenceRows(x.Layout, x.Shape[0], x.Shape[1]);
        int pitch = Pitch(x, kernel), outputs = layout.Columns;
        float* padded = Padded(tape, x, in rows, kernel), target = tape.Read(y), weights = tape.Read(kernel);
        float* results = Workspace.Floats(Workspace.Slot.Attention, (long)rows.Steps * outputs);
        for (int place = 0; place < rows.Batch; place++)
        {
            int length = rows.Length(rows.Sequence(place));
            PanelProduct.Run(new PanelProduct.Arguments
            {
                Source = ProductSource.RowMajor(padded + (nint)place * pitch, x.Features, layout.Rows),
                Rows = length,
                Layout = layout,
                Weights = weights,
                Target = new ProductTarget { Values = results, RowStride = outputs },
            });
            for (int t = 0; t < length; t++) RowCopy.Copy(results + (nint)t * outputs, target + (nint)rows.Row(place, t) * outputs, outputs);
        }
        if (y.Buffer.NeedsGradient)
        {
            Node node = tape.Record<Node>();
            (node.X, node.Y, node.Kernel) = (x, y, kernel);
            node.Padded = padded;
        }
        return y;
    }

    /// <summary>Floats of a sequence with K − 1 steps of zeros around it.</summary>
    private static int Pitch(Tensor x, Parameter kernel) => (x.Shape[1] + kernel.Shape[0] - 1) * x.Features;

    /// <summary>The sequences one after another, steps together, with zeros around them.</summary>
    private static float* Padded(Tape tape, Tensor x, in SequenceRows rows, Parameter kernel)
    {
        int pitch = Pitch(x, kernel), features = x.Features, before = kernel.Shape[0] / 2 * features;
        float* padded = tape.Scratch((long)rows.Batch * pitch), values = tape.Read(x);
        for (int place = 0; place < rows.Batch; place++)
        {
            float* sequence = padded + (nint)place * pitch;
            RowCopy.Clear(sequence, pitch);
            for (int t = 0, length = rows.Length(rows.Sequence(place)); t < length; t++)
                RowCopy.Copy(values + (nint)rows.Row(place, t) * features, sequence + before + (nint)t * features, features);
        }
        return padded;
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor X, Y;
        public Parameter Kernel = null!;
        public float* Padded;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            float* dy = tape.Gradient(Y), kernel = Tape.Gradient(Kernel), dx = tape.Gradient(X);
            var rows = new SequenceRows(X.Layout, X.Shape[0], X.Shape[1]);
            if (kernel != null) KernelGradient(in rows, dy, kernel);
            if (dx != null) InputGradient(in rows, dy, dx);
        }

        public override void Clear()
        {
            X = Y = default;
            Kernel = null!;
            Padded = null;
        }

        private void KernelGradient(in SequenceRows rows, float* dy, float* kernel)
        {
            float** inputs = Workspace.Pointers(Workspace.Slot.LeftPointers, X.Rows);
            for (int place = 0; place < rows.Batch; place++)
                for (int t = 0, length = rows.Length(rows.Sequence(place)); t < length; t++)
                    inputs[rows.Row(place, t)] = Padded + (nint)place * Pitch(X, Kernel) + (nint)t * X.Features;
            WeightGradient.Run(new WeightGradient.Arguments
            {
                Inputs = inputs,
                Rows = X.Rows,
                Outputs = dy,
                RowStride = Y.Features,
                Layout = Kernel.Panels!,
                Weights = kernel,
            });
        }

        /// <summary>What each output sends back to the steps that it saw, added up step by step.</summary>
        private void InputGradient(in SequenceRows rows, float* dy, float* dx)
        {
            int pitch = Pitch(X, Kernel), features = X.Features, outputs = Y.Features, window = Kernel.Panels!.Rows, before = Kernel.Shape[0] / 2 * features;
            float** memory = stackalloc float*[3];
            Workspace.Pieces(Workspace.Slot.Attention, memory, (long)rows.Steps * outputs, (long)rows.Steps * window, pitch);
            float* gathered = memory[0], windows = memory[1], sequence = memory[2];
            for (int place = 0; place < rows.Batch; place++)
            {
                int length = rows.Length(rows.Sequence(place));
                for (int t = 0; t < length; t++) RowCopy.Copy(dy + (nint)rows.Row(place, t) * outputs, gathered + (nint)t * outputs, outputs);
                PanelProduct.Run(new PanelProduct.Arguments
                {
                    Source = ProductSource.RowMajor(gathered, outputs, outputs),
                    Rows = length,
                    Layout = Kernel.TransposedPanels!,
                    Weights = Kernel.Transposed(),
                    Target = new ProductTarget { Values = windows, RowStride = window },
                });
                RowCopy.Clear(sequence, pitch);
                for (int t = 0; t < length; t++) RowCopy.Add(windows + (nint)t * window, sequence + (nint)t * features, window);
                for (int t = 0; t < length; t++) RowCopy.Add(sequence + before + (nint)t * features, dx + (nint)rows.Row(place, t) * features, features);
            }
        }
    }
}

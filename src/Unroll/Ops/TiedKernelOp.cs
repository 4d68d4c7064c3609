using Unroll.Autograd;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// A table E [V, U] as the kernel [U, V] of a product (Press and Wolf 2017; Inan et al. 2017): a second parameter holds
/// Eᵀ in panels; dE += its gradient, transposed.
/// </summary>
internal static unsafe class TiedKernelOp
{
    /// <param name="tape">Where the pass is recorded. Call this before the kernel is read on it.</param>
    /// <param name="table">E [V, U], row-major.</param>
    /// <param name="kernel">[U, V] in panels; its gradient is taken away.</param>
    /// <param name="isStale">Whether E has changed since the kernel was filled.</param>
    public static void Apply(Tape tape, Parameter table, Parameter kernel, bool isStale)
    {
        if (isStale)
        {
            TableTranspose.ToPanels(tape.Read(table), kernel.Panels!, tape.Read(kernel));
            kernel.MarkChanged();
        }
        kernel.Trainable = table.Trainable;
        if (!tape.Needs(table)) return;
        Node node = tape.Record<Node>();
        (node.Table, node.Kernel) = (table, kernel);
    }

    private sealed class Node : Autograd.Node
    {
        public Parameter Table = null!, Kernel = null!;

        public override void Backward(Tape tape)
        {
            float* to = Tape.Gradient(Table);
            if (to == null || !Kernel.HasGradients) return;
            TableTranspose.AddBack(to, Kernel.Panels!, Kernel.Gradients);
            Kernel.ClearGradient();
        }

        public override void Clear() => Table = Kernel = null!;
    }
}

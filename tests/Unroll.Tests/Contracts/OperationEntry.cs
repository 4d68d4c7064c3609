using Unroll.Autograd;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;
using Unroll.Tests.Reference;

namespace Unroll.Tests.Contracts;

/// <summary>An input tensor of a catalogue entry.</summary>
/// <param name="Shape">Batch first; padding included.</param>
/// <param name="Lengths">Of each sequence, or null for none.</param>
/// <param name="Values">Row-major, padding included; null for <see cref="OperationEntry.Distinct"/> numbers.</param>
/// <param name="Differentiable">False for ids.</param>
internal sealed record OperationInput(int[] Shape, int[]? Lengths = null, float[]? Values = null, bool Differentiable = true);

/// <summary>A trained parameter of a catalogue entry.</summary>
/// <param name="Shape">Its logical shape.</param>
/// <param name="Panels">How it is stored; null for row-major.</param>
/// <param name="Values">Row-major; null for <see cref="OperationEntry.Distinct"/> numbers.</param>
/// <param name="Frozen">Rows whose gradient is zero by intent (a padding index), not the true derivative.</param>
internal sealed record OperationParameter(int[] Shape, PanelLayout? Panels = null, float[]? Values = null, int? Frozen = null);

/// <summary>One operation in one arrangement: how to run it, and the same in double precision.</summary>
internal sealed record OperationEntry(string Name, Type Operation)
{
    /// <summary>The operation on a tape, from input tensors and parameters.</summary>
    public required Func<Tape, Tensor[], Parameter[], Tensor> Build { get; init; }

    /// <summary>The independent forward pass, from inputs and row-major parameters; zero in the padding.</summary>
    public required Func<ReferenceTensor[], double[][], ReferenceTensor> Reference { get; init; }

    public required OperationInput[] Inputs { get; init; }

    public OperationParameter[] Parameters { get; init; } = [];

    /// <summary>Largest difference of the forward pass, as a share of the largest magnitude.</summary>
    public double ForwardTolerance { get; init; } = 1e-6;

    /// <summary>Largest difference of a gradient, as a share of the gradient's largest magnitude.</summary>
    public double GradientTolerance { get; init; } = 5e-6;

    /// <summary>All different, no zeros, both signs.</summary>
    public static float[] Distinct(int count, int start = 0) =>
        [.. Enumerable.Range(1 + start, count).Select(i => (float)Math.Sin(1.7 * i) + 0.01f)];

    public override string ToString() => Name;
}

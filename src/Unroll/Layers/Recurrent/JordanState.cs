using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>What a <see cref="JordanCell"/> carries from step to step.</summary>
/// <param name="Output">y, [B, O].</param>
/// <param name="Hidden">h, [B, H], of a cell that feeds it back too; null otherwise.</param>
public readonly record struct JordanState(Tensor Output, Tensor? Hidden = null) : ICellState<JordanState>
{
    int ICellState<JordanState>.Count => Hidden is null ? 1 : 2;

    Tensor ICellState<JordanState>.this[int index] => index == 0 ? Output : Hidden!.Value;

    static JordanState ICellState<JordanState>.Of(ReadOnlySpan<Tensor> parts) => new(parts[0], parts.Length > 1 ? parts[1] : null);
}

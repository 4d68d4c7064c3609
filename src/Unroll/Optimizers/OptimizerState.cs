using Unroll.Tensors;

namespace Unroll.Optimizers;

/// <summary>What an optimiser remembers about one parameter: arrays in storage order, and scalars in double.</summary>
internal sealed unsafe class OptimizerState
{
    private readonly NativeBlock[] _slots;

    public OptimizerState(int length, int slots, int scalars)
    {
        _slots = new NativeBlock[slots];
        for (int i = 0; i < slots; i++) _slots[i] = new NativeBlock(length);
        Length = length;
        Scalars = new double[scalars];
        Array.Fill(Scalars, 1);
    }

    /// <summary>Floats in each slot.</summary>
    public int Length { get; }

    /// <summary>Updates applied to this parameter, t in the formulas.</summary>
    public long Step { get; set; }

    /// <summary>Running products such as β₁ᵗ; 1 before the first update.</summary>
    public double[] Scalars { get; }

    /// <summary>The <see cref="Optimizer.Step"/> call that last updated it, so that a parameter listed twice is updated once.</summary>
    public long LastCall { get; set; } = -1;

    /// <summary>A slot's memory, or null where there is none.</summary>
    public float* Slot(int index) => index < _slots.Length ? _slots[index].Pointer : null;

    public Span<float> SlotSpan(int index) => new(Slot(index), Length);
}

namespace Unroll.Kernels.Attention;

/// <summary>
/// Keys and values of sequences that go on, as the products read them: each head's keys in groups of 16 steps, column after column within a group;
/// its values in groups of 16 columns, step after step within a group.
/// </summary>
internal unsafe struct KeyValueMemory
{
    public float* Keys, Values;

    /// <summary>By slot the length of a sequence that is listened to whole; null where all sequences grow together.</summary>
    public int* Lengths;

    /// <summary>By row where its numbers lie.</summary>
    public int* Slots;

    /// <summary>For how many steps there is room, a multiple of 16.</summary>
    public int Capacity;
}

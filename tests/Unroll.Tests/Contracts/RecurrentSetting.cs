namespace Unroll.Tests.Contracts;

/// <summary>How a variant is used in one case. Axes: B batch, T steps, I inputs, H units.</summary>
internal sealed record RecurrentSetting(int Units, int Batch, bool ReturnSequences, bool Ragged, bool InitialState, int Steps = 7, int Inputs = 3)
{
    /// <summary>Unsorted, with ties, an empty, a full and a single-step sequence among them from three on; null for a dense batch.</summary>
    public int[]? Lengths
    {
        get
        {
            if (!Ragged) return null;
            if (Batch == 1) return [Steps - 3];
            int[] pattern = [1, Steps, 0, Steps - 3, Steps - 1, 2, 3];
            return [.. Enumerable.Range(0, Batch).Select(b => Math.Min(pattern[b % pattern.Length], Steps))];
        }
    }
}

namespace Unroll.Kernels.Threading;

/// <summary>Work that can be divided; how it is divided never changes its results.</summary>
internal interface ITeamWork
{
    /// <summary>Does part <paramref name="part"/> of <paramref name="parts"/>. Allocates nothing and does not throw in normal use.</summary>
    void Part(int part, int parts);
}

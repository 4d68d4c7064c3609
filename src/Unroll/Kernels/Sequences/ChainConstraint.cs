namespace Unroll.Kernels.Sequences;

/// <summary>Which tags may begin a sequence, end one and follow one another.</summary>
internal sealed class ChainConstraint(bool[] starts, bool[] ends, bool[,] follows)
{
    public bool MayStart(int tag) => starts[tag];

    public bool MayEnd(int tag) => ends[tag];

    /// <summary>Whether <paramref name="next"/> may come right after <paramref name="tag"/>.</summary>
    public bool MayFollow(int tag, int next) => follows[tag, next];
}

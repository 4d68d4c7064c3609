namespace Unroll.Tasks;

/// <summary>Finds the size at which a network has as many parameters as another.</summary>
internal static class EqualParameters
{
    private const int LargestSize = 1 << 16;

    /// <summary>The size whose number of parameters is nearest; the smaller of two that are equally near.</summary>
    /// <param name="target">How many are wanted, in the whole network.</param>
    /// <param name="count">How many there are at a size; does not fall.</param>
    public static int SizeFor(long target, Func<int, long> count)
    {
        int below = 0, reaches = 1; // a size with too few, and one with enough
        while (count(reaches) < target && reaches < LargestSize) (below, reaches) = (reaches, 2 * reaches);
        while (reaches - below > 1)
        {
            int middle = below + (reaches - below) / 2;
            if (count(middle) < target) below = middle;
            else reaches = middle;
        }
        return below > 0 && target - count(below) <= count(reaches) - target ? below : reaches;
    }
}

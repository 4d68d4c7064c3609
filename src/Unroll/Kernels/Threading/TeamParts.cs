namespace Unroll.Kernels.Threading;

/// <summary>How work is divided.</summary>
internal static class TeamParts
{
    /// <summary>A part should be worth some five microseconds of one core, several times what it costs to hand it over.</summary>
    public static double OperationsOfPart { get; set; } = 1e6; // tests lower it, to divide small work

    /// <summary>Into how many parts a number of floating-point operations is worth dividing.</summary>
    public static int For(double operations) => (int)Math.Clamp(operations / OperationsOfPart, 1, Basics.Threads.Limit);

    /// <summary>A part's share of a count, with boundaries at multiples of <paramref name="unit"/>; the shares cover the count.</summary>
    public static (int First, int End) Range(int part, int parts, int count, int unit)
    {
        long units = (count + unit - 1) / unit;
        int first = (int)(units * part / parts) * unit, end = (int)(units * (part + 1) / parts) * unit;
        return (Math.Min(first, count), Math.Min(end, count));
    }
}

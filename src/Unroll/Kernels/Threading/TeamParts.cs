namespace Unroll.Kernels.Threading;

/// <summary>How work is divided.</summary>
internal static class TeamParts
{
    /// <summary>A part should last some times as long as handing it out.</summary>
    private const double ForksOfPart = 3;

    private static double? s_operationsOfPart;

    /// <summary>The least floating-point operations that make a part. Tests set it, to divide small work.</summary>
    public static double? OperationsOfPart
    {
        get => s_operationsOfPart;
        set => s_operationsOfPart = value;
    }

    /// <summary>Into how many parts a number of floating-point operations is worth dividing.</summary>
    public static int For(double operations)
    {
        int most = Basics.Threads.Count;
        if (most == 1) return 1;
        double part = s_operationsOfPart ?? ForksOfPart * TeamCosts.Current.ForkNanoseconds * TeamCosts.Current.OperationsPerNanosecond;
        return (int)Math.Clamp(operations / part, 1, most);
    }

    /// <summary>A part's share of a count, with boundaries at multiples of <paramref name="unit"/>; the shares cover the count.</summary>
    public static (int First, int End) Range(int part, int parts, int count, int unit)
    {
        long units = (count + unit - 1) / unit;
        int first = (int)(units * part / parts) * unit, end = (int)(units * (part + 1) / parts) * unit;
        return (Math.Min(first, count), Math.Min(end, count));
    }
}

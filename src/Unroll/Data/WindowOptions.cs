namespace Unroll.Data;

/// <summary>How windows are cut from a series.</summary>
public sealed record WindowOptions
{
    /// <summary>L, the rows that a forecast sees. At least 1.</summary>
    public required int InputLength { get; init; }

    /// <summary>H, the rows that it forecasts. At least 1.</summary>
    public required int Horizon { get; init; }

    /// <summary>The rows from one window to the next. At least 1, the default.</summary>
    public int Stride { get; init; } = 1;

    internal void Check()
    {
        Require(InputLength, nameof(InputLength));
        Require(Horizon, nameof(Horizon));
        Require(Stride, nameof(Stride));
    }

    private static void Require(int value, string name)
    {
        if (value < 1) throw new ArgumentException($"WindowOptions.{name}: expected at least 1, received {value}.");
    }
}

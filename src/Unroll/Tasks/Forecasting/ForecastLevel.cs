namespace Unroll.Tasks;

/// <summary>What is taken from each window of inputs before the network reads it, and put back onto its answer.</summary>
public enum ForecastLevel
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The window's last value is subtracted, so the network forecasts the change from it.</summary>
    Last,

    /// <summary>The window's mean is subtracted and its deviation divided by; for series of very different sizes.</summary>
    Standard,
}

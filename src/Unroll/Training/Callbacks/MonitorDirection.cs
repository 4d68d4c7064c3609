namespace Unroll.Training;

/// <summary>Whether a watched value should fall or rise.</summary>
public enum MonitorDirection
{
    /// <summary>Rising for accuracy, precision, recall and F1, falling for anything else.</summary>
    Automatic,

    /// <summary>Smaller is better.</summary>
    Minimize,

    /// <summary>Larger is better.</summary>
    Maximize,
}

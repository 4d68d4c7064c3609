namespace Unroll.Metrics;

/// <summary>How precision, recall and F1 of several classes make one number.</summary>
public enum Averaging
{
    /// <summary>The default: <see cref="Binary"/> for one or two outputs a row, <see cref="Macro"/> for more.</summary>
    Automatic,

    /// <summary>The score of class 1 of two; 0 where it is undefined. Needs one or two outputs a row.</summary>
    Binary,

    /// <summary>The plain mean over the classes that occurred as a target or as an answer.</summary>
    Macro,

    /// <summary>The score of the counts summed over all classes; with one answer a row, that is the accuracy.</summary>
    Micro,
}

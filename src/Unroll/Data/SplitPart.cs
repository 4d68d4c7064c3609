namespace Unroll.Data;

/// <summary>A part of a chronological split.</summary>
public enum SplitPart
{
    /// <summary>What weights are fitted on; the earliest rows.</summary>
    Training,

    /// <summary>What settings are chosen on; between the other two.</summary>
    Validation,

    /// <summary>What the final score is taken on; the latest rows.</summary>
    Test,
}

namespace Unroll.Data;

/// <summary>How sequences of unequal length are put into batches.</summary>
public enum LengthGrouping
{
    /// <summary>The given order is cut into batches as it is.</summary>
    KeepOrder,

    /// <summary>Within windows of the given order, sequences are sorted by length first, so a batch's are alike.</summary>
    SortWithinWindows,
}

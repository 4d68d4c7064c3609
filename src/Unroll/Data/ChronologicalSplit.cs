namespace Unroll.Data;

/// <summary>
/// Boundaries that cut a series into training, validation and test rows, in the order of time: rows [0, TrainingEnd),
/// [TrainingEnd, ValidationEnd) and [ValidationEnd, TestEnd). Rows behind TestEnd are not used.
/// </summary>
public readonly record struct ChronologicalSplit
{
    private ChronologicalSplit(int trainingEnd, int validationEnd, int testEnd)
        => (TrainingEnd, ValidationEnd, TestEnd) = (trainingEnd, validationEnd, testEnd);

    /// <summary>The first row behind the training part.</summary>
    public int TrainingEnd { get; }

    /// <summary>The first row behind the validation part.</summary>
    public int ValidationEnd { get; }

    /// <summary>The first row behind the test part.</summary>
    public int TestEnd { get; }

    /// <summary>A split by numbers of rows.</summary>
    /// <param name="training">Rows of training; at least 1.</param>
    /// <param name="validation">Rows of validation; 0 for none.</param>
    /// <param name="test">Rows of test; 0 for none.</param>
    /// <param name="count">The rows there are, at least the sum of the three; what is over stays unused.</param>
    /// <exception cref="ArgumentException">A number out of range, or more rows asked for than there are.</exception>
    public static ChronologicalSplit ByCounts(int training, int validation, int test, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(training, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(validation);
        ArgumentOutOfRangeException.ThrowIfNegative(test);
        if ((long)training + validation + test > count)
        {
            throw new ArgumentException(
                $"Split: {training} training, {validation} validation and {test} test rows need "
                + $"{(long)training + validation + test} rows, the series has {count}.", nameof(count));
        }
        return new ChronologicalSplit(training, training + validation, training + validation + test);
    }

    /// <summary>
    /// A split by shares of the rows: validation and test take their share rounded down, training the rest.
    /// </summary>
    /// <param name="validation">The share of validation, in [0, 1).</param>
    /// <param name="test">The share of test, in [0, 1); the two together below 1.</param>
    /// <param name="count">The rows there are; at least 1.</param>
    /// <exception cref="ArgumentException">A share out of range, or nothing left to train on.</exception>
    public static ChronologicalSplit ByFractions(double validation, double test, int count)
    {
        if (!(validation is >= 0 and < 1) || !(test is >= 0 and < 1) || !(validation + test < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(validation),
                $"Split: expected shares of validation and test in [0, 1) that leave some for training, received {validation} and {test}.");
        }
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        // 0.29 * 100 is 28.999…: a share that means a whole number of rows must give it.
        int validationRows = (int)(validation * count + 1e-9), testRows = (int)(test * count + 1e-9);
        return ByCounts(count - validationRows - testRows, validationRows, testRows, count);
    }

    /// <summary>The first row of a part and the first row behind it.</summary>
    public (int Start, int End) Range(SplitPart part) => part switch
    {
        SplitPart.Training => (0, TrainingEnd),
        SplitPart.Validation => (TrainingEnd, ValidationEnd),
        SplitPart.Test => (ValidationEnd, TestEnd),
        _ => throw new ArgumentOutOfRangeException(nameof(part)),
    };
}

namespace Unroll.Data;

/// <summary>
/// Rows [TargetStart, TargetEnd) of a series, between which the targets of windows lie. Inputs may reach back before
/// TargetStart; nothing at or behind TargetEnd is read.
/// </summary>
/// <param name="Series">The series.</param>
/// <param name="TargetStart">The first row that may be a target.</param>
/// <param name="TargetEnd">The first row that may not.</param>
public readonly record struct WindowPart(TimeSeries Series, int TargetStart, int TargetEnd);

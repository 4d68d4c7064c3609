namespace Unroll.Cli.Terminal;

/// <summary>How far some work has come.</summary>
/// <param name="Completed">Steps done, from 0 to the total.</param>
/// <param name="Note">What to show besides, such as the loss; empty for nothing.</param>
/// <param name="Total">The total from now on, where it turned out to be another; null for the one before.</param>
internal readonly record struct ProgressStep(double Completed, string Note = "", double? Total = null);

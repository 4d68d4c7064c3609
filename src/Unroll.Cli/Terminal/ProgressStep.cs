namespace Unroll.Cli.Terminal;

/// <summary>How far some work has come.</summary>
/// <param name="Completed">Steps done, from 0 to the total.</param>
/// <param name="Note">What to show besides, such as the loss; empty for nothing.</param>
internal readonly record struct ProgressStep(double Completed, string Note = "");

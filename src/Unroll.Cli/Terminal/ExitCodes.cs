namespace Unroll.Cli.Terminal;

/// <summary>What the program returns to the shell.</summary>
internal static class ExitCodes
{
    /// <summary>The work is done.</summary>
    public const int Done = 0;

    /// <summary>The work failed, or was stopped.</summary>
    public const int Failed = 1;

    /// <summary>The command line was wrong; nothing was done.</summary>
    public const int WrongUsage = 2;
}

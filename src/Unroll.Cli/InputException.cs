using Unroll.Cli.Terminal;

namespace Unroll.Cli;

/// <summary>What a user gave cannot be used. The message is one line: where, what was expected, what was found, the way out.</summary>
internal sealed class InputException : Exception
{
    /// <summary>An error with its complete message.</summary>
    public InputException(string message) : base(message)
    {
    }

    /// <summary>An error with its complete message and what caused it.</summary>
    public InputException(string message, Exception cause) : base(message, cause)
    {
    }

    /// <summary>What the program returns to the shell: 1, the work failed.</summary>
    public const int ExitCode = ExitCodes.Failed;
}

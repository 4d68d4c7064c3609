using System.Text;
using Spectre.Console;

namespace Unroll.Cli.Terminal;

/// <summary>Where a verb writes and what can be shown there: answers on <see cref="Output"/>, progress and errors on <see cref="Error"/>.</summary>
internal sealed class Screen
{
    private static readonly string[] LocaleVariables = ["LC_ALL", "LC_CTYPE", "LANG"]; // in order of precedence

    /// <summary>The answers' writer.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>The writer of progress and errors.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether <see cref="Output"/> is a terminal, not a file or a pipe. Default no.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>Whether <see cref="Error"/> is a terminal that can redraw lines. Default no.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Whether characters beyond ASCII can be shown. Default yes.</summary>
    public bool Unicode { get; init; } = true;

    /// <summary>How many characters a line has. Default 80.</summary>
    public int Width { get; init; } = 80;

    /// <summary>The process's own console.</summary>
    public static Screen Detect()
    {
        bool dumb = Environment.GetEnvironmentVariable("TERM") == "dumb";
        int width = 80;
        try
        {
            if (!Console.IsOutputRedirected && Console.WindowWidth is > 0 and int columns) width = Math.Clamp(columns, 40, 160);
        }
        catch (IOException)
        {
            // A console without a window: the default width serves.
        }
        return new Screen
        {
            Output = Console.Out,
            Error = Console.Error,
            OutputIsTerminal = !Console.IsOutputRedirected && !dumb,
            ErrorIsTerminal = !Console.IsErrorRedirected && !dumb,
            Unicode = !dumb && CanShowUnicode(Console.OutputEncoding, Environment.GetEnvironmentVariable),
            Width = width,
        };
    }

    /// <summary>
    /// Whether a console of that encoding shows Unicode. .NET writes UTF-8 in the plain C locale too, where a terminal
    /// does not expect it: the first of LC_ALL, LC_CTYPE and LANG that is set decides.
    /// </summary>
    internal static bool CanShowUnicode(Encoding encoding, Func<string, string?> variable)
    {
        if (encoding.WebName is not ("utf-8" or "utf-16")) return false;
        string? locale = LocaleVariables.Select(variable).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        return locale is not ("C" or "POSIX");
    }

    /// <summary>Spectre's console over one of the writers.</summary>
    internal IAnsiConsole Ansi(bool error)
    {
        bool terminal = error ? ErrorIsTerminal : OutputIsTerminal;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = terminal ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new AnsiConsoleOutput(error ? Error : Output),
        });
        console.Profile.Width = Width;
        console.Profile.Capabilities.Unicode = Unicode;
        return console;
    }
}

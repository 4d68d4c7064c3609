using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Reflection;
using Unroll.Cli.Csv;
using Unroll.Cli.Terminal;
using Unroll.Cli.Verbs;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>The program's command line: the verbs, and what becomes of their errors.</summary>
internal static class CommandLine
{
    /// <summary>The command that holds all verbs. A verb gets the screen it writes to.</summary>
    public static Command Create(Screen screen)
    {
        // A plain Command, since RootCommand takes its name from the file it runs from, which may be a .dll.
        return new Command("unroll", "Trains, inspects and runs recurrent networks.")
        {
            new HelpOption { Recursive = true, Action = new HelpWithExamples() },
            new VersionOption { Action = new VersionAction() },
            new DemoVerb(screen),
            new TrainVerb(screen),
            new PredictVerb(screen),
            new EvaluateVerb(screen),
            new TranslateVerb(screen),
            new InspectVerb(screen),
            new CompareVerb(screen),
            new BenchVerb(screen),
            new HelpVerb(),
        };
    }

    /// <summary>Runs the program.</summary>
    /// <param name="arguments">The command line without the program's name.</param>
    /// <param name="screen">Where to write.</param>
    /// <param name="cancel">Stops the work.</param>
    /// <returns>An exit code of <see cref="ExitCodes"/>.</returns>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments, Screen screen, CancellationToken cancel) =>
        RunAsync(Create(screen), arguments, screen, cancel);

    /// <inheritdoc cref="RunAsync(IReadOnlyList{string}, Screen, CancellationToken)"/>
    internal static async Task<int> RunAsync(Command root, IReadOnlyList<string> arguments, Screen screen, CancellationToken cancel)
    {
        // No response files: a file name may begin with @.
        ParseResult result = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var configuration = new InvocationConfiguration
        {
            Output = screen.Output,
            Error = screen.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // Program listens to Ctrl-C itself
        };
        if (result.Action is not (HelpWithExamples or VersionAction) && result.Errors.Count > 0) return WrongUsage(result, screen);
        try
        {
            return await result.InvokeAsync(configuration, cancel).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            screen.Error.WriteLine("error: " + Message(exception));
            return ExitCodes.Failed;
        }
    }

    private static int WrongUsage(ParseResult result, Screen screen)
    {
        Command command = result.CommandResult.Command;
        IEnumerable<string> errors = command.Subcommands.Count > 0 && command.Action is null
            ? [result.UnmatchedTokens.FirstOrDefault(token => !token.StartsWith('-')) is string unknown
                ? HelpVerb.UnknownVerb(unknown, command)
                : result.UnmatchedTokens.Count > 0 ? $"no option '{result.UnmatchedTokens[0]}'." : "no verb given."]
            : Errors(result, command).Distinct();
        foreach (string error in errors) screen.Error.WriteLine("error: " + OneLine(error));
        screen.Error.WriteLine($"Run '{string.Join(' ', Path(result.CommandResult))} --help' for what can be given.");
        return ExitCodes.WrongUsage;
    }

    // The parser's own words name neither the argument that is missing nor what an option might have been meant to be.
    private static IEnumerable<string> Errors(ParseResult result, Command command)
    {
        string? unmatched = result.UnmatchedTokens.Count > 0 ? result.UnmatchedTokens[0] : null;
        if (unmatched is not null && unmatched.StartsWith('-'))
        {
            string? nearest = NearestName.Find(unmatched, [.. command.Options.Select(option => option.Name)]);
            yield return $"no option '{unmatched}'." + (nearest is null ? "" : $" Did you mean '{nearest}'?");
        }
        else if (unmatched is not null)
        {
            yield return $"'{unmatched}' is one argument too many. Names in a list are separated by commas without blanks; a name with blanks stands in quotes.";
        }
        foreach (ParseError error in result.Errors)
        {
            if (error.SymbolResult is ArgumentResult { Tokens.Count: 0, Parent: CommandResult, Argument: Argument missing }) yield return $"{missing.Name} is missing.";
            else if (!result.UnmatchedTokens.Any(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal))) yield return error.Message;
        }
    }

    private static IEnumerable<string> Path(CommandResult result) =>
        result.Parent is CommandResult parent ? Path(parent).Append(result.Command.Name) : [result.Command.Name];

    private static string Message(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions: [Exception only] } => Message(only),
        RunStoppedException or InputException or TrainingDivergedException => OneLine(exception.Message),
        OperationCanceledException => "stopped before the work was done.",
        ArgumentException argument => OneLine(WithoutParameter(argument)),
        IOException or UnauthorizedAccessException or InvalidDataException => OneLine(exception.Message),
        OutOfMemoryException => "not enough memory for this work. Use a smaller batch, network or file.",
        // What no one foresaw: whoever mends it needs the whole of it.
        _ => $"unexpected {exception}",
    };

    // ArgumentException adds the name of a parameter, which means nothing at a shell.
    private static string WithoutParameter(ArgumentException exception) => exception.ParamName is string name
        ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)
        : exception.Message;

    private static string OneLine(string message) =>
        string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private sealed class VersionAction : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            Version version = Assembly.GetExecutingAssembly().GetName().Version ?? new Version(0, 0, 0);
            parseResult.InvocationConfiguration.Output.WriteLine(version.ToString(3));
            return ExitCodes.Done;
        }
    }
}

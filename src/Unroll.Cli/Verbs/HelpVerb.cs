using System.CommandLine;
using System.CommandLine.Parsing;
using Unroll.Cli.Csv;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll help [VERB …]</c>: what <c>--help</c> shows, for the program or a verb.</summary>
internal sealed class HelpVerb : Command
{
    private readonly Argument<string[]> _verbs = new("VERB")
    {
        Description = "The verb to explain, as it is typed; the program itself when left out.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public HelpVerb() : base("help", "Explains the program or a verb.")
    {
        Add(_verbs);
        _verbs.Validators.Add(result =>
        {
            Command command = Root(result);
            foreach (Token token in result.Tokens)
            {
                Command? next = command.Subcommands.FirstOrDefault(verb => verb.Name == token.Value);
                if (next is null)
                {
                    result.AddError(UnknownVerb(token.Value, command));
                    return;
                }
                command = next;
            }
        });
        SetAction(result =>
        {
            string[] path = [.. result.GetValue(_verbs) ?? [], "--help"];
            Command root = result.RootCommandResult.Command;
            return root.Parse(path).Invoke(result.InvocationConfiguration);
        });
    }

    /// <summary>The message for a verb that there is not, with the nearest that there is.</summary>
    internal static string UnknownVerb(string name, Command parent)
    {
        string[] verbs = [.. parent.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name)];
        string? nearest = NearestName.Find(name, verbs);
        return $"no verb '{name}'. " + (nearest is not null ? $"Did you mean '{nearest}'?" : verbs.Length == 0 ? $"'{parent.Name}' has none." : $"The verbs are {string.Join(", ", verbs)}.");
    }

    private static Command Root(SymbolResult result)
    {
        SymbolResult top = result;
        while (top.Parent is SymbolResult parent) top = parent;
        return ((CommandResult)top).Command;
    }
}

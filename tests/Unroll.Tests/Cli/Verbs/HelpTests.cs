using System.CommandLine;
using System.CommandLine.Parsing;
using Unroll.Cli;
using Unroll.Cli.Terminal;
using Unroll.Cli.Verbs;
using Unroll.Tests.Support;

namespace Unroll.Tests.Cli.Verbs;

public class HelpTests
{
    private static Command Root => CommandLine.Create(new Screen { Output = TextWriter.Null, Error = TextWriter.Null });

    public static TheoryData<string> Paths() => [.. Names(Root, "")];

    private static IEnumerable<string> Names(Command command, string prefix) => command.Subcommands.OfType<Verb>()
        .SelectMany(verb => Names(verb, $"{prefix}{verb.Name} ").Prepend(prefix + verb.Name));

    [Fact]
    public void All_verbs_but_help_itself_have_examples() =>
        Assert.Equal(["demo", "train", "train forecast", "train translate", "predict", "evaluate", "translate", "inspect", "compare", "compare classify", "compare forecast", "compare language-model", "bench", "bench language-model", "bench growth"], Names(Root, ""));

    [Theory]
    [MemberData(nameof(Paths))]
    public void The_help_of_a_verb_has_every_option_with_its_meaning_and_examples_that_parse(string path)
    {
        string[] names = path.Split(' ');
        Command command = Root;
        foreach (string name in names) command = command.Subcommands.Single(verb => verb.Name == name);
        var verb = (Verb)command;
        ProcessOutcome help = ProcessRunner.Unroll(["help", .. names]);
        Assert.Equal((0, ""), (help.ExitCode, help.Error));
        Assert.Equal(help, ProcessRunner.Unroll([.. names, "--help"]));
        string flat = string.Join(' ', help.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(verb.Description!, flat, StringComparison.Ordinal);
        foreach (Symbol symbol in verb.Options.Cast<Symbol>().Concat(verb.Arguments))
        {
            Assert.False(string.IsNullOrWhiteSpace(symbol.Description), $"{path} {symbol.Name}");
            Assert.Contains(symbol.Name, flat, StringComparison.Ordinal);
            Assert.Contains(symbol.Description!, flat, StringComparison.Ordinal);
        }
        Assert.NotEmpty(verb.Examples);
        foreach ((string line, string meaning) in verb.Examples)
        {
            Assert.Contains($"  {line}\n      {meaning}\n", help.Output, StringComparison.Ordinal);
            ParseResult parsed = Root.Parse([.. CommandLineParser.SplitCommandLine(line).Skip(1)]);
            Assert.Empty(parsed.Errors);
            Assert.StartsWith($"unroll {path}", line, StringComparison.Ordinal);
        }
    }
}

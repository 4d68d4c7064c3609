using System.CommandLine;
using Unroll.Cli;
using Unroll.Cli.Terminal;
using Unroll.Tests.Support;

namespace Unroll.Tests.Cli;

public class CommandLineTests
{
    [Fact]
    public void The_version_is_printed()
    {
        ProcessOutcome outcome = ProcessRunner.Unroll("--version");
        Assert.Equal(new ProcessOutcome(0, typeof(CommandLine).Assembly.GetName().Version!.ToString(3) + "\n", ""), outcome);
    }

    [Fact]
    public void Help_is_the_same_by_verb_and_by_option()
    {
        ProcessOutcome verb = ProcessRunner.Unroll("help");
        Assert.Equal(0, verb.ExitCode);
        Assert.Equal("", verb.Error);
        Assert.Contains("unroll [command] [options]", verb.Output, StringComparison.Ordinal);
        Assert.Contains("help <VERB>", verb.Output, StringComparison.Ordinal);
        Assert.Equal(verb, ProcessRunner.Unroll("--help"));
        ProcessOutcome ofHelp = ProcessRunner.Unroll("help", "help");
        Assert.Contains("unroll help [<VERB>...] [options]", ofHelp.Output, StringComparison.Ordinal);
        Assert.Equal(ofHelp, ProcessRunner.Unroll("help", "--help"));
    }

    [Theory]
    [InlineData("error: no verb given.\nRun 'unroll --help' for what can be given.\n")]
    [InlineData("error: no verb 'hlep'. Did you mean 'help'?\nRun 'unroll --help' for what can be given.\n", "hlep")]
    [InlineData("error: no option '--fast'.\nRun 'unroll --help' for what can be given.\n", "--fast")]
    [InlineData("error: no verb 'hepl'. Did you mean 'help'?\nRun 'unroll help --help' for what can be given.\n", "help", "hepl")]
    [InlineData("error: no verb '--fast'. The verbs are VERBS.\nRun 'unroll help --help' for what can be given.\n", "help", "--fast")]
    [InlineData("error: no verb '@file'. The verbs are VERBS.\nRun 'unroll --help' for what can be given.\n", "@file")]
    public void Wrong_usage_is_one_line_and_exit_code_2(string expected, params string[] arguments)
    {
        string verbs = string.Join(", ", CommandLine.Create(new Screen { Output = TextWriter.Null, Error = TextWriter.Null }).Subcommands.Select(verb => verb.Name));
        Assert.Equal(new ProcessOutcome(2, "", expected.Replace("VERBS", verbs, StringComparison.Ordinal)), ProcessRunner.Unroll(arguments));
    }

    private static async Task<(int Code, string Error)> Failing(Exception exception)
    {
        var verb = new Command("fail");
        verb.SetAction((_, _) => Task.FromException<int>(exception));
        using var error = new StringWriter { NewLine = "\n" };
        int code = await CommandLine.RunAsync(new Command("unroll") { verb }, ["fail"], new Screen { Output = TextWriter.Null, Error = error }, default);
        return (code, error.ToString());
    }

    [Fact]
    public async Task Foreseen_errors_are_one_line_and_exit_code_1()
    {
        Assert.Equal((1, "error: a.csv, line 2: wrong.\n"), await Failing(new InputException("a.csv, line 2: wrong.")));
        Assert.Equal((1, "error: Horizon is 0; give 1 or more.\n"), await Failing(new ArgumentException("Horizon is 0; give 1 or more.", "horizon")));
        Assert.Equal((1, "error: The disk is full.\n"), await Failing(new IOException("The disk is full.")));
        Assert.Equal((1, "error: No permission.\n"), await Failing(new UnauthorizedAccessException("No permission.")));
        Assert.Equal((1, "error: model.safetensors: cut short.\n"), await Failing(new InvalidDataException("model.safetensors:\n  cut short.\n")));
        Assert.Equal((1, "error: inner\n"), await Failing(new AggregateException(new IOException("inner"))));
    }

    [Fact]
    public async Task A_stop_says_what_was_kept()
    {
        Assert.Equal((1, "error: stopped; the checkpoint runs/a/checkpoint was kept. Run the same command with --resume to go on.\n"),
            await Failing(new RunStoppedException("runs/a/checkpoint")));
        Assert.Equal((1, "error: stopped before the work was done.\n"), await Failing(new OperationCanceledException()));
    }

    [Fact]
    public async Task An_unforeseen_error_is_shown_whole()
    {
        (int code, string error) = await Failing(new InvalidOperationException("odd"));
        Assert.Equal(1, code);
        Assert.StartsWith("error: unexpected System.InvalidOperationException: odd", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verb_gets_the_token_that_stops_it()
    {
        using var stop = new CancellationTokenSource();
        var verb = new Command("wait");
        verb.SetAction(async (_, token) =>
        {
            await stop.CancelAsync();
            token.ThrowIfCancellationRequested();
            return 0;
        });
        using var error = new StringWriter { NewLine = "\n" };
        Assert.Equal(1, await CommandLine.RunAsync(new Command("unroll") { verb }, ["wait"], new Screen { Output = TextWriter.Null, Error = error }, stop.Token));
        Assert.Equal("error: stopped before the work was done.\n", error.ToString());
    }
}

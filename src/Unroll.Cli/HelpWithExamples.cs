using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Unroll.Cli.Verbs;

namespace Unroll.Cli;

/// <summary>The help of a command: usage and options, then its remarks and examples.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private const int Width = 100;
    private readonly HelpAction _usage = new();

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int code = _usage.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not Verb verb) return code;
        TextWriter writer = parseResult.InvocationConfiguration.Output;
        foreach (string remark in verb.Remarks)
        {
            foreach (string line in Wrapped(remark)) writer.WriteLine(line);
            writer.WriteLine();
        }
        if (verb.Examples.Count == 0) return code;
        writer.WriteLine("Examples:");
        foreach ((string line, string meaning) in verb.Examples)
        {
            writer.WriteLine($"  {line}");
            writer.WriteLine($"      {meaning}");
        }
        writer.WriteLine();
        return code;
    }

    private static IEnumerable<string> Wrapped(string text)
    {
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > Width)
            {
                yield return line;
                line = "";
            }
            line = line.Length == 0 ? word : $"{line} {word}";
        }
        yield return line;
    }
}

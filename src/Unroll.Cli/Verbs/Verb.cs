using System.CommandLine;
using System.Globalization;

namespace Unroll.Cli.Verbs;

/// <summary>A verb of the program, with examples that its help shows.</summary>
internal abstract class Verb : Command
{
    /// <summary>A verb without options.</summary>
    protected Verb(string name, string description) : base(name, description)
    {
    }

    /// <summary>Command lines as a user types them, each with what it does.</summary>
    public IReadOnlyList<(string Line, string Meaning)> Examples { get; protected init; } = [];

    /// <summary>Anything else that its help should say, a paragraph each.</summary>
    public IReadOnlyList<string> Remarks { get; protected init; } = [];

    /// <summary>An option that takes a whole number within bounds; another one is wrong usage.</summary>
    internal static Option<int?> Whole(string name, string description, int least, int most = int.MaxValue)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count != 1) return;
            string text = result.Tokens[0].Value;
            bool fits = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most;
            if (!fits) result.AddError($"{name} is '{text}'; expected a whole number of at least {least}{(most == int.MaxValue ? "" : string.Create(CultureInfo.InvariantCulture, $" and at most {most:#,0}"))}.");
        });
        return option;
    }

    /// <summary>The option <c>--seconds</c>: how long each figure is measured, above 0 and at most an hour.</summary>
    protected static Option<double?> Seconds(double standard) => Number(
        "--seconds", string.Create(CultureInfo.InvariantCulture, $"How long each figure is measured, after warming up. Default {standard}."), "S",
        "a number above 0 and at most 3600", seconds => seconds is > 0 and <= 3600);

    /// <summary>An option that takes a number that fits; another one is wrong usage.</summary>
    protected static Option<double?> Number(string name, string description, string help, string expected, Func<double, bool> fits)
    {
        var option = new Option<double?>(name) { Description = description, HelpName = help };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !(double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && fits(number)))
                result.AddError($"{name} is '{result.Tokens[0].Value}'; expected {expected}.");
        });
        return option;
    }

    /// <summary>An option that takes one of several words, in any case.</summary>
    internal static Option<string?> Word(string name, string description, params string[] words)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = string.Join('|', words) };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !words.Contains(result.Tokens[0].Value, StringComparer.OrdinalIgnoreCase))
                result.AddError($"{name} is '{result.Tokens[0].Value}'; expected {string.Join(", ", words[..^1])} or {words[^1]}.");
        });
        return option;
    }

    /// <summary>The words of a list with commas between; none of null.</summary>
    internal static string[] Listed(string? list) => list?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
}

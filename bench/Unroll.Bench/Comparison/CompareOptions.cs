using System.Globalization;

namespace Unroll.Bench.Comparison;

/// <summary>What <c>bench/run</c> was asked for.</summary>
internal sealed record CompareOptions
{
    public const string Usage =
        """
        usage: bench/run [--quick] [--rounds N] [--seconds S] [--shapes FILE] [--text FILE] [--growth] [--name NAME]

          --quick         one short round, to see that everything runs
          --rounds N      how often every library is measured, in turn (default 3)
          --seconds S     how long each figure is measured in a round (default 1)
          --shapes FILE   a JSON list of other shapes
          --text FILE     a UTF-8 text: measures the character language model too
          --growth        then measures how time and memory grow, to results/NAME-growth.md
          --name NAME     writes results/NAME.md; the default is the processor's name

        Peers that are not installed are left out and named: bench/peers/install installs them.
        """;

    public int Rounds { get; private init; } = 3;

    public double Seconds { get; private init; } = 1;

    public bool Quick { get; private init; }

    public bool Growth { get; private init; }

    public string? Shapes { get; private init; }

    public string? Text { get; private init; }

    public string? Name { get; private init; }

    /// <summary>Steps of the language model with that many units which are timed.</summary>
    public int Iterations(int units) => Quick ? 2 : units <= 128 ? 60 : 12;

    /// <summary>The options of a command line, or what is wrong with it.</summary>
    public static (CompareOptions? Options, string? Error) Parse(IReadOnlyList<string> arguments)
    {
        var options = new CompareOptions();
        for (int i = 0; i < arguments.Count; i++)
        {
            string name = arguments[i];
            if (name == "--quick") options = options with { Quick = true, Rounds = 1, Seconds = 0.05 };
            else if (name == "--growth") options = options with { Growth = true };
            else if (name is not ("--rounds" or "--seconds" or "--shapes" or "--text" or "--name")) return (null, $"no option '{name}'.");
            else if (i + 1 == arguments.Count) return (null, $"{name} needs a value.");
            else
            {
                string value = arguments[++i];
                switch (name)
                {
                    case "--rounds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int rounds) && rounds is >= 1 and <= 1000:
                        options = options with { Rounds = rounds };
                        break;
                    case "--seconds" when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and <= 3600:
                        options = options with { Seconds = seconds };
                        break;
                    case "--shapes" or "--text" when File.Exists(value):
                        options = name == "--text" ? options with { Text = value } : options with { Shapes = value };
                        break;
                    case "--name" when value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'):
                        options = options with { Name = value };
                        break;
                    default:
                        string expected = name switch
                        {
                            "--rounds" => "a whole number from 1 to 1,000",
                            "--seconds" => "a number above 0 and at most 3600",
                            "--name" => "letters, digits, '-', '_' or '.'",
                            _ => "a file that is there",
                        };
                        return (null, $"{name} is '{value}'; expected {expected}.");
                }
            }
        }
        return (options, null);
    }
}

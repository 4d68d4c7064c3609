using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Unroll.Bench.Comparison;

/// <summary>The processor, as Linux describes it.</summary>
/// <param name="Title">For a heading: "AMD EPYC (Zen 3)".</param>
/// <param name="FileName">For a file: "amd-epyc-zen3".</param>
/// <param name="HasAvx512">Whether it has vectors of 512 bits.</param>
internal sealed partial record Processor(string Title, string FileName, bool HasAvx512)
{
    /// <summary>This machine's.</summary>
    public static Processor Detect() => Of(File.Exists("/proc/cpuinfo") ? File.ReadAllText("/proc/cpuinfo") : "");

    /// <summary>The one that a text in the form of /proc/cpuinfo describes.</summary>
    public static Processor Of(string description)
    {
        string name = Field(description, "model name") is { Length: > 0 } found ? found : "processor";
        bool wide = Field(description, "flags").Split(' ').Contains("avx512f");
        name = Noise().Replace(name, " ");
        name = Blanks().Replace(name, " ").Trim();
        // A cloud's machines often hide the model. Family 25 is Zen 3, which has no AVX-512, and Zen 4, which has.
        string generation = !name.StartsWith("AMD", StringComparison.Ordinal) ? "" : Field(description, "cpu family") switch
        {
            "23" => "Zen 2",
            "25" => wide ? "Zen 4" : "Zen 3",
            "26" => "Zen 5",
            _ => "",
        };
        string title = generation.Length == 0 ? name : $"{name} ({generation})";
        var file = new StringBuilder();
        foreach (char c in title.Replace("Zen ", "Zen", StringComparison.Ordinal))
        {
            if (char.IsAsciiLetterOrDigit(c)) file.Append(char.ToLower(c, CultureInfo.InvariantCulture));
            else if (file.Length > 0 && file[^1] != '-') file.Append('-');
        }
        return new Processor(title, file.ToString().Trim('-'), wide);
    }

    private static string Field(string description, string name)
    {
        foreach (string line in description.Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line[..colon].Trim() == name) return line[(colon + 1)..].Trim();
        }
        return "";
    }

    [GeneratedRegex(@"\((R|TM|r|tm)\)|\bCPU\b|@.*$|\d+-Core\b|\bProcessor\b")]
    private static partial Regex Noise();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}

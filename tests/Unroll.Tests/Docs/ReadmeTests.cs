using System.Text.RegularExpressions;
using Unroll.Tests.Architecture;

namespace Unroll.Tests.Docs;

public class ReadmeTests
{
    public static string Readme { get; } = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    [Fact]
    public void Every_line_of_code_is_one_that_a_test_runs()
    {
        Assert.InRange(LinesRun(Readme, "Docs/ReadmeExamples.cs"), 20, 200);
        Assert.InRange(LinesRun(File.ReadAllText(Path.Combine(Repository.Root, "docs", "shapes.md")), "Tasks/Shapes/ShapesOfWorkTests.cs"), 20, 200);
    }

    /// <summary>How many lines of code a text has; each must be one of a test's.</summary>
    private static int LinesRun(string text, string test)
    {
        string run = Squeeze(File.ReadAllText(Path.Combine(Repository.Root, "tests", "Unroll.Tests", test)));
        int lines = 0;
        foreach (Match block in Regex.Matches(text, "```csharp\n(.*?)```", RegexOptions.Singleline))
            foreach (string line in block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                if (line.Contains("Console.WriteLine", StringComparison.Ordinal)) continue;
                Assert.Contains(Squeeze(line), run, StringComparison.Ordinal);
                lines++;
            }
        return lines;
    }

    [Fact]
    public void Every_document_that_it_points_to_exists()
    {
        foreach (Match link in Regex.Matches(Readme, @"\]\((?!https?:)([^)]+)\)"))
        {
            string path = Path.Combine(Repository.Root, link.Groups[1].Value);
            Assert.True(File.Exists(path) || Directory.Exists(path), link.Groups[1].Value);
        }
    }

    private static string Squeeze(string text) => Regex.Replace(text, @"\s+", "");
}

using System.Text.RegularExpressions;
using Unroll.Tests.Architecture;

namespace Unroll.Tests.Docs;

public class ReadmeTests
{
    public static string Readme { get; } = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    [Fact]
    public void Every_line_of_code_is_one_that_a_test_runs()
    {
        string run = Squeeze(File.ReadAllText(Path.Combine(Repository.Root, "tests", "Unroll.Tests", "Docs", "ReadmeExamples.cs")));
        int lines = 0;
        foreach (Match block in Regex.Matches(Readme, "```csharp\n(.*?)```", RegexOptions.Singleline))
            foreach (string line in block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                if (line.Contains("Console.WriteLine", StringComparison.Ordinal)) continue;
                Assert.Contains(Squeeze(line), run, StringComparison.Ordinal);
                lines++;
            }
        Assert.InRange(lines, 20, 200);
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

namespace Unroll.Tests.Architecture;

public class FloorsTests
{
    [Fact]
    public void Every_file_imports_from_floors_below_alone()
    {
        IReadOnlyDictionary<string, string> sources = Repository.LibrarySources();
        Assert.Contains("Basics/Shape.cs", sources.Keys);
        IReadOnlyList<string> violations = FloorRule.Violations(sources);
        Assert.True(violations.Count == 0, "A file may name only floors below its own (docs: the import rule):\n" + string.Join("\n", violations));
    }

    private static readonly Dictionary<string, string> Clean = new()
    {
        ["Training/Trainer.cs"] = "using Unroll.Models;\nnamespace Unroll.Training;\npublic sealed class Trainer<TModel> { }",
        ["Training/Callbacks/Stop.cs"] = "namespace Unroll.Training.Callbacks;\nenum Stop { Now }",
        ["Data/Batch.cs"] = "using Unroll.Basics;\nnamespace Unroll.Data;\npublic readonly record struct Batch(int Rows);",
        ["Data/Reader.cs"] = "namespace Unroll.Data;\npublic delegate List<int?> Reader(string path);",
        ["Models/Model.cs"] = "using Unroll.Layers;\nnamespace Unroll.Models;\nclass Model { }",
    };

    [Fact]
    public void Clean_files_pass() => Assert.Empty(FloorRule.Violations(Clean));

    [Theory]
    [InlineData("using Unroll.Training;", "Unroll.Training")]
    [InlineData("using static Unroll.Training.Trainer;", "Unroll.Training")]
    [InlineData("using T = global::Unroll . Training.Trainer;", "Unroll . Training")]
    [InlineData("class A { Unroll.Training.Trainer t; }", "Unroll.Training")]
    [InlineData("class A { Training.Trainer<int> t; }", "Training.Trainer")]
    [InlineData("class A { object o = new Training . Trainer<int>(); }", "Training . Trainer")]
    [InlineData("class A { object o = Training.Callbacks.Stop.Now; }", "Training.Callbacks")]
    [InlineData("class A { string s = $\"{Training.Callbacks.Stop.Now}\"; }", "Training.Callbacks")]
    [InlineData("class A { string s = $$\"\"\"{x} {{Training.Callbacks.Stop.Now}} \"\"\"; }", "Training.Callbacks")]
    [InlineData("class A { object o = typeof(Data.Batch); }", "Data.Batch")]
    [InlineData("class A { Data.Reader? r; }", "Data.Reader")]
    [InlineData("using Unroll.Cli;", "Unroll.Cli")]
    public void A_planted_violation_is_caught_with_its_line(string planted, string named)
    {
        // Losses stands beside Data and below Training: neither may be named.
        var sources = new Dictionary<string, string>(Clean) { ["Losses/Planted.cs"] = "// one\n" + planted + "\n" };
        Assert.Equal([$"Losses/Planted.cs(2): Losses names {named}, which is not below it"], FloorRule.Violations(sources));
    }

    [Theory]
    [InlineData("// using Unroll.Training;")]
    [InlineData("/* Training.Trainer */")]
    [InlineData("class A { string s = \"Training.Trainer \\\" Training.Trainer\"; }")]
    [InlineData("class A { string s = @\"\"\"Training.Trainer\"\"\"; }")]
    [InlineData("class A { string s = \"\"\" Training.Trainer \" Training.Trainer \"\"\"; }")]
    [InlineData("class A { string s = $\"{{Training.Trainer}}\"; }")]
    [InlineData("class A { string s = $$\"\"\"{Training.Trainer}\"\"\"; }")]
    [InlineData("class A { char c = '\"'; int i = 0; } // Training.Trainer")]
    [InlineData("class A { bool b = pass.Training.Trainer; bool Training => Training.HasFlag(1); }")]
    [InlineData("class A { int n = Data.Length; }")]
    [InlineData("using Unroll.Ops; using Unroll.Basics;")]
    [InlineData("using Unroll.Losses.Inner; using System.Data.Common;")]
    public void What_only_looks_like_a_violation_is_let_through(string innocent)
    {
        var sources = new Dictionary<string, string>(Clean) { ["Losses/Innocent.cs"] = innocent };
        Assert.Empty(FloorRule.Violations(sources));
    }

    [Theory]
    [InlineData("Losses/A.cs", "namespace Unroll.Ops;", "Losses/A.cs(1): the namespace is Unroll.Ops, its folder says Unroll.Losses")]
    [InlineData("Losses/Inner/A.cs", "\nnamespace Unroll.Losses.Outer;", "Losses/Inner/A.cs(2): the namespace is Unroll.Losses.Outer, its folder says Unroll.Losses.Inner")]
    [InlineData("A.cs", "namespace Unroll;", "A.cs: the folder '' is no floor")]
    [InlineData("Utilities/A.cs", "namespace Unroll.Utilities;", "Utilities/A.cs: the folder 'Utilities' is no floor")]
    public void A_file_in_the_wrong_place_is_caught(string path, string source, string violation) =>
        Assert.Equal([violation], FloorRule.Violations(new Dictionary<string, string> { [path] = source }));
}

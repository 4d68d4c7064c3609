using Unroll.Basics;

namespace Unroll.Tests.Architecture;

public class PublicSurfaceTests
{
    private static string Path => System.IO.Path.Combine(Repository.Root, "src", "Unroll", "PublicSurface.txt");

    [Fact]
    public void The_public_surface_is_the_one_in_review()
    {
        IReadOnlyList<string> now = PublicSurface.Of(typeof(RandomStream).Assembly.GetExportedTypes());
        if (Environment.GetEnvironmentVariable("UNROLL_ACCEPT_SURFACE") == "1")
        {
            File.WriteAllText(Path, string.Join("\n", now) + "\n");
            return;
        }
        string[] accepted = File.Exists(Path) ? File.ReadAllLines(Path) : [];
        string? difference = Difference(accepted, now);
        Assert.True(difference is null, difference);
    }

    [Fact]
    public void A_difference_lists_what_came_and_went_and_how_to_accept_it()
    {
        Assert.Null(Difference(["a", "b"], ["a", "b"]));
        string difference = Difference(["a", "b", "d"], ["a", "c", "d"])!;
        Assert.Contains("\n+ c\n- b\n", difference, StringComparison.Ordinal);
        Assert.Contains("UNROLL_ACCEPT_SURFACE=1", difference, StringComparison.Ordinal);
    }

    [Fact]
    public void A_surface_shows_names_defaults_modifiers_and_nullability()
    {
        const string sample = "Unroll.Tests.Architecture.PublicSurfaceTests.Sample";
        Assert.Equal(
        [
            sample + ".Both<TItem>(in int first, string? second = \"x\", params int[] rest) -> TItem[,]? virtual where TItem : struct",
            sample + ".Dispose() -> void",
            sample + ".Half -> float const = 0.5",
            sample + ".Hidden(out int? value) -> void static protected",
            sample + ".Size { get; init; } -> int required",
            sample + ".new()",
            sample + ": class : IDisposable",
        ], PublicSurface.Of([typeof(Sample)]));
    }

    private static string? Difference(IReadOnlyList<string> accepted, IReadOnlyList<string> now)
    {
        string[] added = [.. now.Except(accepted)], removed = [.. accepted.Except(now)];
        if (added.Length + removed.Length == 0) return null;
        return "The public surface differs from src/Unroll/PublicSurface.txt:\n" +
            string.Concat(added.Select(line => $"+ {line}\n")) + string.Concat(removed.Select(line => $"- {line}\n")) +
            "If that is meant, run this test with UNROLL_ACCEPT_SURFACE=1 in the environment and review the file's change.";
    }

    public class Sample : IDisposable
    {
        public const float Half = 0.5f;

        public required int Size { get; init; }

        public virtual TItem[,]? Both<TItem>(in int first, string? second = "x", params int[] rest) where TItem : struct => null;

        public void Dispose() => GC.SuppressFinalize(this);

        internal void Unseen() => Size.ToString(System.Globalization.CultureInfo.InvariantCulture);

        protected static void Hidden(out int? value) => value = null;
    }
}

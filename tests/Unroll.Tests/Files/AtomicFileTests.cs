using Unroll.Files;

namespace Unroll.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll").FullName;

    private string At(string name) => Path.Combine(_folder, name);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_is_created_and_then_replaced()
    {
        AtomicFile.WriteText(At("a.txt"), "first, and longer");
        Assert.Equal("first, and longer", File.ReadAllText(At("a.txt")));
        AtomicFile.WriteText(At("a.txt"), "größe");
        Assert.Equal("größe"u8.ToArray(), File.ReadAllBytes(At("a.txt")));
        Assert.Equal([At("a.txt")], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Until_the_writing_ends_the_old_file_stands()
    {
        File.WriteAllText(At("a.txt"), "old");
        AtomicFile.Write(At("a.txt"), stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            Assert.Equal("old", File.ReadAllText(At("a.txt")));
        });
        Assert.Equal("new", File.ReadAllText(At("a.txt")));
    }

    [Fact]
    public void A_failure_leaves_the_old_file_and_nothing_else()
    {
        File.WriteAllText(At("a.txt"), "old");
        Assert.Throws<FormatException>(() => AtomicFile.Write(At("a.txt"), stream =>
        {
            stream.Write("half of"u8);
            throw new FormatException("stop");
        }));
        Assert.Equal("old", File.ReadAllText(At("a.txt")));
        Assert.Equal([At("a.txt")], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_failing_disk_is_reported_with_path_and_reason()
    {
        IOException failure = Assert.Throws<IOException>(() => AtomicFile.Write(At("a.txt"), _ => throw new IOException("No space left on device.")));
        Assert.Equal($"'{At("a.txt")}' could not be written: No space left on device.", failure.Message);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        string path = Path.Combine(_folder, "no", "a.txt");
        IOException failure = Assert.Throws<IOException>(() => AtomicFile.WriteText(path, "x"));
        Assert.Equal($"'{path}' could not be written: the folder '{At("no")}' does not exist; create it or choose another.", failure.Message);
    }

    [Fact]
    public void A_folder_in_the_file_s_place_is_named()
    {
        Directory.CreateDirectory(At("runs"));
        Assert.Contains("it is a folder", Assert.Throws<IOException>(() => AtomicFile.WriteText(At("runs"), "x")).Message, StringComparison.Ordinal);
        Assert.Contains("it is a folder", Assert.Throws<IOException>(() => AtomicFile.WriteText(At("new") + "/", "x")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_takes_no_files_is_named()
    {
        if (!Directory.Exists("/proc/self")) return; // the one folder that refuses even the superuser
        IOException failure = Assert.Throws<IOException>(() => AtomicFile.WriteText("/proc/self/a.txt", "x"));
        Assert.StartsWith("'/proc/self/a.txt' could not be written: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Leftovers_of_killed_writers_are_swept_and_others_files_are_not()
    {
        string leftover = At("a.txt.abcdefgh.xyz.tmp"), foreign = At("a.txt.backup.tmp"), other = At("b.txt.abcdefgh.xyz.tmp");
        foreach (string path in new[] { leftover, foreign, other }) File.WriteAllText(path, "x");
        AtomicFile.WriteText(At("a.txt"), "new");
        Assert.Equal([At("a.txt"), foreign, other], Directory.GetFiles(_folder).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Writers_at_the_same_time_leave_one_whole_file()
    {
        AtomicFile.Write(At("a.txt"), outer =>
        {
            outer.Write("outer"u8);
            AtomicFile.WriteText(At("a.txt"), "inner"); // must not sweep the outer writer's temporary
            Assert.Equal("inner", File.ReadAllText(At("a.txt")));
        });
        Assert.Equal("outer", File.ReadAllText(At("a.txt")));
        Assert.Equal([At("a.txt")], Directory.GetFiles(_folder));
    }
}

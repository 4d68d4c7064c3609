using System.Text;

namespace Unroll.Tests.Support;

/// <summary>A file in the system's temporary folder that is gone after the test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(string content, string extension = ".csv") : this(Encoding.UTF8.GetBytes(content), extension)
    {
    }

    public TemporaryFile(byte[] content, string extension = ".csv")
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "unroll-" + Guid.NewGuid().ToString("N") + extension);
        File.WriteAllBytes(Path, content);
    }

    public string Path { get; }

    public void Dispose() => File.Delete(Path);
}
